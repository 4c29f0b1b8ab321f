"""Make the mathematics font that is embedded in every HTML sheet.

    python tools/make_font.py [latinmodern-math.otf]

The font is a fixed subset of Latin Modern Math 1.959 (Debian: fonts-lmodern; TeX Live: lm-math), compressed as
WOFF2: the characters below, their larger sizes and stretchy pieces, and the MATH table that a browser lays
formulas out by. A few glyphs are moved for the sake of browsers, see below. It bears another name, as the GUST
Font License asks of a derived work. The same input, fontTools and brotli give the same bytes.
"""

import argparse
import subprocess
import sys
from pathlib import Path

from fontTools import subset
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

FAMILY = "Quizgen Math"
ASSETS = Path(__file__).resolve().parent.parent / "quizgen" / "render" / "assets"
TARGET = ASSETS / "latinmodern-math-subset.woff2"
USUAL_PLACES = (
    "/usr/share/texmf/fonts/opentype/public/lm-math/latinmodern-math.otf",
    "/usr/share/texlive/texmf-dist/fonts/opentype/public/lm-math/latinmodern-math.otf",
)
MADE_AT = 1_409_875_200  # 5 September 2014, the release of the original: a date that doesn't move, for identical bytes


def span(first: int, last: int) -> str:
    """All characters from `first` to `last`, both included."""
    return "".join(map(chr, range(first, last + 1)))


CHARACTERS: dict[str, str] = {
    "ASCII": span(0x20, 0x7E),
    "spaces and marks of text": "\u00a0\u2002\u2003\u2004\u2005\u2006\u2009\u200a§°–—‘’“”•…",
    "Greek": span(0x0391, 0x03A1) + span(0x03A3, 0x03A9) + span(0x03B1, 0x03C9) + "ϑϕϖϱϵ",
    "italic": span(0x1D434, 0x1D454) + "ℎ" + span(0x1D456, 0x1D467) + "\U0001d6a4\U0001d6a5",
    "italic Greek": span(0x1D6E2, 0x1D71B),
    "bold": span(0x1D400, 0x1D433) + span(0x1D7CE, 0x1D7D7),
    "bold Greek": span(0x1D6A8, 0x1D6E1),
    "bold italic": span(0x1D468, 0x1D49B),
    "bold italic Greek": span(0x1D71C, 0x1D755),
    "script capitals": "𝒜ℬ𝒞𝒟ℰℱ𝒢ℋℐ𝒥𝒦ℒℳ𝒩𝒪𝒫𝒬ℛ𝒮𝒯𝒰𝒱𝒲𝒳𝒴𝒵",
    "double-struck": "𝔸𝔹ℂ𝔻𝔼𝔽𝔾ℍ𝕀𝕁𝕂𝕃𝕄ℕ𝕆ℙℚℝ𝕊𝕋𝕌𝕍𝕎𝕏𝕐ℤ𝟘𝟙",
    "letterlike": "ℓℏℜℑℵ∂∇∆Ω∅",
    "operators": "−±∓×÷·⋅∘∙∗⋆⊙⊗⊕⊖⊘⊛†‡∖∧∨¬∩∪⊎⊓⊔⊤⊥√∑∏∐∫∬∮⋂⋃⋀⋁⨀⨁⨂°%‰",
    "relations": "≠≡≢≈≉≃≅∼≤≥≦≧⩽⩾≪≫≺≻≲≳∝∈∉∋⊂⊃⊆⊇⊄⊢⊨∣∥∦≔≕≜≝≟∞∀∃∄∴∵",
    "dots": "⋯⋮⋱⋰",
    "arrows": "←↑→↓↔↕↖↗↘↙↦↤↩↪⇐⇑⇒⇓⇔⟵⟶⟷⟸⟹⟺⟼⇌⇀↼⇝",
    "brackets": "⟨⟩⌈⌉⌊⌋⟦⟧⟮⟯‖" + span(0x239B, 0x23AD) + "⎴⎵⏜⏝⏞⏟⏠⏡",
    "accents": "ˆ˜¯˙¨ˇ˘´`\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308\u030c\u0332\u0338\u20d6\u20d7\u20db",
    "primes": "′″‴⁗‵",
    "boxes": "□■◦○●△▽",
}


def find() -> Path:
    """The original on this machine, by its usual places or by TeX's own search."""
    for place in map(Path, USUAL_PLACES):
        if place.is_file():
            return place
    try:
        found = subprocess.run(
            ["kpsewhich", "latinmodern-math.otf"], capture_output=True, text=True, check=False
        ).stdout
    except FileNotFoundError:
        found = ""
    if found.strip():
        return Path(found.strip())
    sys.exit(
        "latinmodern-math.otf was not found: install fonts-lmodern (Debian) or lm-math (TeX Live), or name the file"
    )


def make(original: Path) -> bytes:
    """The subset of `original` as WOFF2."""
    options = subset.Options()
    options.layout_features = ["dtls"]  # dotless i and j, for under an accent
    options.flavor = "woff2"
    options.desubroutinize = True  # brotli does better on plain outlines
    options.notdef_outline = True
    options.name_IDs = ["*"]
    options.drop_tables += ["FFTM"]
    with subset.load_font(str(original), options) as font:
        draw_primes_in_place(font)
        subsetter = subset.Subsetter(options)
        subsetter.populate(text="".join(CHARACTERS.values()))
        subsetter.subset(font)
        trim_fences(font)
        set_margins(font, {font.getBestCmap()[0x20D7]}, 42, 42)  # an arrow over a letter stands alone in MathML
        serve_every_script(font)
        rename(font)
        font["head"].created = font["head"].modified = MADE_AT + 2_082_844_800  # fonts count from 1904
        font.recalcTimestamp = False
        TARGET.parent.mkdir(parents=True, exist_ok=True)
        subset.save_font(font, str(TARGET), options)
    return TARGET.read_bytes()


def draw_primes_in_place(font: TTFont) -> None:
    """Let a prime be its form for superscripts (ssty), which is where a formula puts it; browsers don't choose it."""
    alternates: dict[str, list[str]] = {}
    table = font["GSUB"].table
    for record in table.FeatureList.FeatureRecord:
        if record.FeatureTag == "ssty":
            for index in record.Feature.LookupListIndex:
                for rule in table.LookupList.Lookup[index].SubTable:
                    alternates |= rule.alternates
    usual = font.getBestCmap()
    raised = {ord(prime): alternates[usual[ord(prime)]][0] for prime in CHARACTERS["primes"]}
    for table in font["cmap"].tables:
        table.cmap.update({prime: glyph for prime, glyph in raised.items() if prime in table.cmap})


def trim_fences(font: TTFont) -> None:
    """Take the wide margins from the tall forms of brackets.

    Chromium gives a bracket that may stretch the room of its widest form, so that a margin of the tallest parenthesis
    stands around the smallest. The pieces of one assembly keep their common margin: they are moved together.
    """
    variants = font["MATH"].table.MathVariants
    constructions = dict(zip(variants.VertGlyphCoverage.glyphs, variants.VertGlyphConstruction, strict=True))
    characters = font.getBestCmap()
    for outer, inner, fences in ((150, 60, "([{⌊⌈⟨⟦"), (60, 150, ")]}⌋⌉⟩⟧")):
        for fence in fences:
            construction = constructions[characters[ord(fence)]]
            groups = [{record.VariantGlyph} for record in construction.MathGlyphVariantRecord]
            if construction.GlyphAssembly:
                pieces = {record.glyph for record in construction.GlyphAssembly.PartRecords}
                groups = [group for group in groups if not group & pieces] + [pieces]
            for group in groups:
                set_margins(font, group, outer, inner)


def set_margins(font: TTFont, glyphs: set[str], left: int, right: int) -> None:
    """Move `glyphs` together so that what is drawn has at most these margins."""
    drawn = font.getGlyphSet()
    bounds = []
    for glyph in glyphs:
        pen = BoundsPen(drawn)
        drawn[glyph].draw(pen)
        bounds.append(pen.bounds)
    first, last = min(b[0] for b in bounds), max(b[2] for b in bounds)
    advance = max(font["hmtx"][glyph][0] for glyph in glyphs)
    left, right = min(left, round(first)) if first >= 0 else left, min(right, round(advance - last))
    width = left + round(last - first) + max(right, 0)
    charstrings = font["CFF "].cff[0].CharStrings
    for glyph in sorted(glyphs):
        pen = T2CharStringPen(width, drawn)
        drawn[glyph].draw(TransformPen(pen, (1, 0, 0, 1, left - round(first), 0)))
        old = charstrings[glyph]
        charstrings[glyph] = pen.getCharString(old.private, old.globalSubrs)
        font["hmtx"][glyph] = (width, font["hmtx"][glyph][1] + left - round(first))


def serve_every_script(font: TTFont) -> None:
    """Let the layout features apply to text of any script: browsers don't call mathematics a script."""
    for record in font["GSUB"].table.ScriptList.ScriptRecord:
        record.ScriptTag = "DFLT"


def rename(font: TTFont) -> None:
    """Give the derived font a name of its own and keep the copyright line of the original."""
    plain = FAMILY.replace(" ", "") + "-Regular"
    names = {1: FAMILY, 2: "Regular", 3: f"{FAMILY} 1.0", 4: FAMILY, 5: "Version 1.0", 6: plain}
    names[10] = "A subset of Latin Modern Math 1.959, made by tools/make_font.py."
    names[13] = "GUST Font License 1.0"
    names[14] = "http://www.gust.org.pl/fonts/licenses/GUST-FONT-LICENSE.txt"
    table = font["name"]
    table.names = [record for record in table.names if record.platformID == 3 and record.nameID == 0]
    for number, text in names.items():
        table.setName(text, number, 3, 1, 0x409)
    top = font["CFF "].cff
    top.fontNames = [plain]
    top.topDictIndex[0].FullName = top.topDictIndex[0].FamilyName = FAMILY


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the embedded mathematics font.")
    parser.add_argument("original", nargs="?", type=Path, help="latinmodern-math.otf; looked for when not given")
    made = make(parser.parse_args().original or find())
    with TTFont(TARGET) as font:
        covered = font.getBestCmap()
        glyphs = len(font.getGlyphOrder())
    for group, text in CHARACTERS.items():
        absent = " ".join(f"U+{ord(c):04X}" for c in text if ord(c) not in covered)
        print(f"{group}: {len(set(text))} characters" + (f"; the original lacks {absent}" if absent else ""))
    print(f"{TARGET}: {len(made):,} bytes, {len(covered)} characters, {glyphs} glyphs")


if __name__ == "__main__":
    main()
