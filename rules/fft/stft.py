"""The short-time Fourier transform."""

import tensorflow as tf
import torch

from diptych.catalog.language import *


@helper
def stft(
    x,
    n_fft,
    hop_length=None,
    win_length=None,
    window=None,
    center=True,
    pad_mode="reflect",
    normalized=False,
    onesided=True,
    return_complex=True,
):
    """The short-time Fourier transform, one column for each frame."""
    hop_length, win_length = hop_length or n_fft // 4, win_length or n_fft
    window = tf.ones((win_length,), x.dtype) if window is None else tf.cast(window, x.dtype)
    before = (n_fft - win_length) // 2
    window = tf.pad(window, [[before, n_fft - win_length - before]])
    if center:
        around = [[0, 0]] * (x.shape.rank - 1) + [[n_fft // 2, n_fft // 2]]
        x = tf.pad(x, around, mode=pad_mode.upper())
    frames = tf.signal.frame(x, n_fft, hop_length) * window
    whole = tf.signal.fft(tf.complex(frames, tf.zeros_like(frames)))
    spectrum = whole[..., : n_fft // 2 + 1] if onesided else whole
    result = tf.linalg.matrix_transpose(spectrum) / tf.cast(n_fft**0.5 if normalized else 1, spectrum.dtype)
    return result if return_complex else tf.stack([tf.math.real(result), tf.math.imag(result)], -1)


class ShortTimeFourier(Equivalence):
    """The short-time Fourier transform. `tf.signal.stft` neither pads nor gives both halves, and puts frames first."""

    dtype = "complex"
    one_way = "torch"

    def in_torch(
        x: Tensor,
        n_fft: Int,
        hop_length: Int = Absent,
        win_length: Int = Absent,
        window: Any = Absent,
        center: Flag = True,
        pad_mode: Str = "reflect",
        normalized: Flag = False,
        onesided: Flag = Absent,
    ):
        return spellings(
            torch.stft(
                x,
                n_fft,
                hop_length=hop_length,
                win_length=win_length,
                window=window,
                center=center,
                pad_mode=pad_mode,
                normalized=normalized,
                onesided=onesided,
                return_complex=True,
            ),
            x.stft(
                n_fft,
                hop_length=hop_length,
                win_length=win_length,
                window=window,
                center=center,
                pad_mode=pad_mode,
                normalized=normalized,
                onesided=onesided,
                return_complex=True,
            ),
        )

    def in_tensorflow(
        x: Tensor,
        n_fft: Int,
        hop_length: Int = Absent,
        win_length: Int = Absent,
        window: Any = Absent,
        center: Flag = True,
        pad_mode: Str = "reflect",
        normalized: Flag = False,
        onesided: Flag = Absent,
    ):
        return stft(
            x,
            n_fft,
            hop_length=hop_length,
            win_length=win_length,
            window=window,
            center=center,
            pad_mode=pad_mode,
            normalized=normalized,
            onesided=onesided,
        )

    def rank(x, n_fft, hop_length, win_length, window, center, pad_mode, normalized, onesided):
        return rank(x) + 1

    samples = cases(x=[floats(20), floats(2, 20)], n_fft=6) + cases(
        x=floats(2, 20),
        n_fft=8,
        hop_length=3,
        win_length=6,
        window=drawn(6),
        center=[Absent, False],
        normalized=[Absent, True],
        onesided=[Absent, False],
    )


class ShortTimeFourierInPairs(Equivalence):
    """The short-time Fourier transform. `tf.signal.stft` neither pads nor gives both halves, and gives complex numbers."""

    one_way = "torch"

    def in_torch(
        x: Tensor,
        n_fft: Int,
        hop_length: Int = Absent,
        win_length: Int = Absent,
        window: Any = Absent,
        center: Flag = True,
        pad_mode: Str = "reflect",
        normalized: Flag = False,
        onesided: Flag = Absent,
    ):
        return spellings(
            torch.stft(
                x,
                n_fft,
                hop_length=hop_length,
                win_length=win_length,
                window=window,
                center=center,
                pad_mode=pad_mode,
                normalized=normalized,
                onesided=onesided,
                return_complex=False,
            ),
            x.stft(
                n_fft,
                hop_length=hop_length,
                win_length=win_length,
                window=window,
                center=center,
                pad_mode=pad_mode,
                normalized=normalized,
                onesided=onesided,
                return_complex=False,
            ),
        )

    def in_tensorflow(
        x: Tensor,
        n_fft: Int,
        hop_length: Int = Absent,
        win_length: Int = Absent,
        window: Any = Absent,
        center: Flag = True,
        pad_mode: Str = "reflect",
        normalized: Flag = False,
        onesided: Flag = Absent,
    ):
        return stft(
            x,
            n_fft,
            hop_length=hop_length,
            win_length=win_length,
            window=window,
            center=center,
            pad_mode=pad_mode,
            normalized=normalized,
            onesided=onesided,
            return_complex=False,
        )

    def rank(x, n_fft, hop_length, win_length, window, center, pad_mode, normalized, onesided):
        return rank(x) + 2

    samples = cases(x=floats(2, 20), n_fft=6)
