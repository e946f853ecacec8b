"""The book: exercise ladders, program templates, the rules. Holds no personal data at all."""
