"""Questions on a run, what a wrong answer may come from, and the quiz that asks them."""
