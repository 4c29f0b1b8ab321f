"""What a question says of the run that reproduced its answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..errors import InputError, shown


@dataclass(frozen=True, slots=True)
class Provenance:
    """Which PyTorch reproduced a question's answers, and how closely.

    ``device`` as PyTorch names it ("cpu", "cuda:0"); ``worst`` is the largest relative difference over the parts: of a
    part, its largest difference from the exact value over its largest exact value; 0 where all is equal, as whole
    numbers, shapes and choices must be.
    """

    torch: str
    device: str
    dtype: str
    agreed: int
    parts: int
    worst: float

    def line(self) -> str:
        """ "checked: torch 2.13.0 cpu float64, 2 of 2 parts agree, worst relative difference 3e-17"."""
        parts = f"{self.agreed} of {self.parts} part{'s agree' if self.parts != 1 else ' agrees'}"
        return (
            f"checked: torch {self.torch} {self.device} {self.dtype}, {parts}, "
            f"worst relative difference {scientific(self.worst)}"
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Provenance:
        """What ``to_json`` wrote; raises `InputError` where the data is none."""
        wanted = {"torch": str, "device": str, "dtype": str, "agreed": int, "parts": int, "worst": float}
        values: dict[str, Any] = {name: data.get(name) for name in wanted}
        if type(values["worst"]) is int:
            values["worst"] = float(values["worst"])  # some programs write 0.0 as 0
        for name, kind in wanted.items():
            if type(values[name]) is not kind:
                raise InputError(f"this is not the record of a run: its {name} is {shown(values[name])}")
        return cls(**values)


def scientific(x: float) -> str:
    """One figure and a power of ten: "3e-17"; "0" for none."""
    return f"{x:.0e}" if x else "0"
