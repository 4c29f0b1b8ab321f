"""The characters behind LaTeX's names: one table for everything that writes a formula in Unicode.

How a character is spaced, and in which face it is set, is for the writer to say.
"""

from __future__ import annotations


def _pairs(table: str) -> dict[str, str]:
    words = table.split()
    return dict(zip(words[::2], words[1::2], strict=True))


GREEK = _pairs(
    "alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ lambda λ "
    "mu μ nu ν xi ξ pi π rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω "
    "Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω"
)
"""Letters. As LaTeX's fonts have it, `epsilon` and `phi` are ϵ and ϕ; ε and φ are `varepsilon` and `varphi`."""

SIGNS = _pairs(
    # ordinary symbols
    "infty ∞ partial ∂ nabla ∇ ell ℓ hbar ℏ Re ℜ Im ℑ imath ı jmath ȷ emptyset ∅ varnothing ∅ top ⊤ bot ⊥ prime ′ "
    "ldots … dots … dotsc … cdots ⋯ dotsb ⋯ vdots ⋮ ddots ⋱ forall ∀ exists ∃ neg ¬ checkmark ✓ degree ° dagger † "
    "square □ blacksquare ■ triangle △ backslash \\ "
    # operators
    "cdot · cdotp · times × div ÷ pm ± mp ∓ odot ⊙ oplus ⊕ otimes ⊗ ominus ⊖ circ ∘ ast ∗ star ⋆ bullet • cup ∪ cap ∩ "
    "setminus ∖ wedge ∧ land ∧ vee ∨ lor ∨ bmod mod sum ∑ prod ∏ int ∫ oint ∮ bigcup ⋃ bigcap ⋂ "
    # relations and arrows
    "approx ≈ le ≤ leq ≤ leqslant ≤ ge ≥ geq ≥ geqslant ≥ ne ≠ neq ≠ lt < gt > ll ≪ gg ≫ equiv ≡ sim ∼ simeq ≃ cong ≅ "
    "propto ∝ coloneqq ≔ triangleq ≜ in ∈ notin ∉ ni ∋ subset ⊂ subseteq ⊆ mid | parallel ∥ perp ⊥ prec ≺ succ ≻ "
    "to → rightarrow → gets ← leftarrow ← leftrightarrow ↔ longrightarrow ⟶ uparrow ↑ downarrow ↓ mapsto ↦ "
    "Rightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔ implies ⟹ iff ⟺ "
    # brackets
    "lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ langle ⟨ rangle ⟩ lbrace { rbrace } lbrack [ rbrack ] lvert | rvert | vert | "
    "lVert ‖ rVert ‖ Vert ‖"
)

ACCENTS = {
    **dict.fromkeys(("hat", "widehat"), "\u0302"),
    **dict.fromkeys(("tilde", "widetilde"), "\u0303"),
    **dict.fromkeys(("bar", "overline"), "\u0304"),
    "dot": "\u0307",
    "ddot": "\u0308",
    "vec": "\u20d7",
}
"""Combining marks, which stand behind their letter."""

SUBSCRIPTS = dict(zip("0123456789+−-=()aehijklmnoprstuvxβγρφχ", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓᵦᵧᵨᵩᵪ", strict=True))
SUPERSCRIPTS = dict(
    zip(
        "0123456789+−-=()abcdefghijklmnoprstuvwxyzABDEGHIJKLMNOPRTUVWαβγδεθφχ⊤′",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂᵅᵝᵞᵟᵋᶿᵠᵡᵀ′",
        strict=True,
    )
)
"""Letters and signs that Unicode has a lowered or raised form of."""


def signs(names: str) -> dict[str, str]:
    """Some of `SIGNS`, by their names with blanks between them."""
    return {name: SIGNS[name] for name in names.split()}
