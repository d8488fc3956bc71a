"""The judgement of labels by what a trained model sees; it learns on the user's own labels how errors look."""
