"""The classes of the corpus, each as a file of its library with a model made at its end."""

from __future__ import annotations

import importlib.metadata
import tomllib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

HERE = Path(__file__).parent
SITE = Path(__file__).parents[2] / "build" / "corpus" / "site"
ENTRY = "corpus_model"
MISSING = "the corpus is not installed: make corpus-install"


@dataclass(frozen=True)
class Model:
    """One class: its library, the module in it, its name, and how to make and call it."""

    library: str
    module: str
    cls: str
    arguments: str
    inputs: str
    before: str = ""

    @property
    def name(self) -> str:
        """As a person would import it."""
        return f"{self.library}.{self.module}.{self.cls}"

    @property
    def path(self) -> Path:
        """The file that defines it, from the folder of all libraries."""
        place = Path(self.library, *self.module.split("."))
        return place / "__init__.py" if (SITE / place).is_dir() else place.with_suffix(".py")

    @property
    def path_in_library(self) -> PurePosixPath:
        """The same, as it is written in an import."""
        return PurePosixPath(self.path.as_posix())

    @property
    def text(self) -> str:
        """The file as the library has it, and below it the model."""
        made = [*self.before.splitlines(), f"# diptych: {self.inputs}", f"{ENTRY} = {self.cls}({self.arguments})"]
        return (SITE / self.path).read_text(encoding="utf-8").rstrip("\n") + "\n\n\n" + "\n".join(made) + "\n"


def models() -> list[Model]:
    """All classes, in the order of the list."""
    found = []
    for library, entries in tomllib.loads((HERE / "models.toml").read_text(encoding="utf-8")).items():
        for key, values in entries.items():
            module, _, cls = key.rpartition(".")
            found.append(Model(library, module, cls, *values))
    return found


def installed() -> bool:
    """Whether the libraries are there."""
    return (SITE / "complete").is_file()


def versions() -> dict[str, str]:
    """The versions of the libraries that the list names."""
    names = dict.fromkeys(model.library for model in models())
    found = importlib.metadata.distributions(path=[str(SITE)])
    known = {each.metadata["Name"].replace("-", "_"): each.version for each in found}
    return {name: known[name] for name in names}
