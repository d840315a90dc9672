"""Names and shapes that every part of Footfall shares. Standard library only."""
