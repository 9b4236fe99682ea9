"""Sequences and mappings that hold their values pickled, each by itself, until it is asked for.

A file uses some dozens of the rules; all of them as objects take several times the memory and the time to load.
"""

from __future__ import annotations

import pickle
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


class _Kept(Generic[T]):
    """Values by number. Each is loaded once, so that it is always the same object."""

    def __init__(self, values: Iterable[T]) -> None:
        texts = [pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL) for value in values]
        self._whole = b"".join(texts)
        self._ends = array("L", [0])
        for text in texts:
            self._ends.append(self._ends[-1] + len(text))
        self._loaded: dict[int, T] = {}

    def __len__(self) -> int:
        return len(self._ends) - 1

    def _value(self, number: int) -> T:
        if number in self._loaded:
            return self._loaded[number]
        value = pickle.loads(memoryview(self._whole)[self._ends[number] : self._ends[number + 1]])
        return self._loaded.setdefault(number, value)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_loaded": {}}


class KeptList(_Kept[T], Sequence[T]):
    """A list that is not changed."""

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> list[T]: ...
    def __getitem__(self, place: int | slice) -> T | list[T]:
        if isinstance(place, slice):
            return [self._value(number) for number in range(*place.indices(len(self)))]
        if place in self._loaded:
            return self._loaded[place]
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        return self._value(place % len(self))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]


class KeptDict(_Kept[T], Mapping[str, T]):
    """A dictionary that is not changed."""

    def __init__(self, values: Mapping[str, T]) -> None:
        super().__init__(values.values())
        self._numbers = {key: number for number, key in enumerate(values)}

    def __getitem__(self, key: str) -> T:
        return self._value(self._numbers[key])

    def get(self, key: str, default: Any = None) -> Any:
        """The value for a key, or the default."""
        number = self._numbers.get(key)
        return default if number is None else self._value(number)

    def __contains__(self, key: object) -> bool:
        return key in self._numbers

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)
