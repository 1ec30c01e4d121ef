"""What the paper proves: its theorems and lemmas as printed and repaired, and its errata, measured."""
