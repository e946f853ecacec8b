"""Real processes that die at the worst moment: nothing may be lost, and nothing doubled beyond what is promised."""
