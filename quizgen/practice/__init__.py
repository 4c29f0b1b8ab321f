"""Practice: sessions of checked questions, a memory of every answer, and a schedule of what to ask next."""
