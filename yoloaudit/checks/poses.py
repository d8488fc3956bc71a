"""What a row of a box and its keypoints is called."""


def pose_sentence(tokens: int, raw: str) -> str:
    """What a row of box and keypoints looks like; points come in threes where every third value is a visibility."""
    visibilities = set(map(float, raw.split()[7::3]))
    step = 3 if (tokens - 5) % 3 == 0 and visibilities <= {0.0, 1.0, 2.0} else 2
    return f"row looks like a box with {(tokens - 5) // step} keypoints ({tokens} values)"
