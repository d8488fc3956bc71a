"""Two trained runs → what differs between them, how much, and how sure that is."""
