"""Costly facts about images, made only when an enabled rule asks for them."""
