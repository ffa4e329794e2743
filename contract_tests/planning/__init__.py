"""What is sent in a run: cases, the obligations they cover, and the greedy plan of a night."""
