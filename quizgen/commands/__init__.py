"""The commands, one file each: they parse, call and print. `quizgen.__main__` finds them by name."""
