"""Exams: a blueprint, versions of it that are equally hard, papers, marks and what they say of the questions."""
