"""Labels as LaTeX. Text in them is escaped by the printer's own `escape`, math is written anew from the tree."""

from quizgen.label import Accent, Fraction, Glyph, Label, Root, Row, Said, Script
from quizgen.render.latex import escape


def latex(label: Label) -> str:
    """A label as LaTeX for text mode."""
    out = []
    for part in label.parts:
        if isinstance(part, Said):
            out.append(rf"\textbf{{{escape(part.text)}}}" if part.bold else escape(part.text))
        elif inner := math(part):
            out.append(f"${inner}$")
    return "".join(out)


def math(row: Row) -> str:
    """A row as LaTeX for math mode. A space closes each command, so that none can run into what follows."""
    out = []
    for atom in row:
        match atom:
            case Glyph(text=text, face=face, latex=""):
                out.append(_text(text, face == "bold"))
            case Glyph(text=text, face=face, latex=latex):
                if face == "roman" and latex == text and text.isalpha():
                    latex = rf"\mathrm{{{latex}}}"
                elif face == "bold":
                    latex = rf"\mathbf{{{latex}}}" if latex == text else rf"\boldsymbol{{{latex}}}"
                out.append(latex + " " if latex[0] == "\\" and latex[-1].isalpha() else latex)
            case Script(base, below, above):
                out.append(math(base) if len(base) == 1 else f"{{{math(base)}}}")
                out.append(f"_{{{math(below)}}}" if below is not None else "")
                out.append(f"^{{{math(above)}}}" if above is not None else "")
            case Accent(command, body):
                out.append(rf"\{command}{{{math(body)}}}")
            case Fraction(above, below):
                out.append(rf"\tfrac{{{math(above)}}}{{{math(below)}}}")
            case Root(body):
                out.append(rf"\sqrt{{{math(body)}}}")
    return "".join(out)


def _text(text: str, bold: bool) -> str:
    if text.isascii() and text.isalnum():
        return rf"\mathbf{{{text}}}" if bold else rf"\mathrm{{{text}}}"
    return rf"\text{{\textbf{{{escape(text)}}}}}" if bold else rf"\text{{{escape(text)}}}"
