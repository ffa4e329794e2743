"""What a run came to, for people and for machines: one writer per form, all fed by the same Results."""
