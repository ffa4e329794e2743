"""Runs that cost money: planned, bounded, recorded. Nothing generated ever comes here."""
