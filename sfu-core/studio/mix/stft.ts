/**
 * Short-time spectra: frames of 21 ms, half overlapping. Long enough to part the voice's harmonics, short enough that words are
 * not smeared. The window is used before and after, so that the squares of neighbours add up to 1.
 */
export const STFT_SIZE = 1_024
export const STFT_HOP = STFT_SIZE / 2
export const STFT_BINS = STFT_SIZE / 2 + 1

/** Square root of a periodic Hann window. */
export const STFT_WINDOW = Float64Array.from({ length: STFT_SIZE }, (_, i) => Math.sin((Math.PI * i) / STFT_SIZE))
