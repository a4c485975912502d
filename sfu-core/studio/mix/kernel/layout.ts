/**
 * Where things lie in the denoiser's memory, in bytes. Read by TypeScript and by AssemblyScript (assembly/), so only plain numbers. All
 * samples and spectra are 32-bit floats; all areas begin at a multiple of 16.
 */

/** Points of the complex transform that a frame of 1,024 samples goes through. There are two channels. */
export const HALF = 512

/** Cosine and sine of the transform's stages, one after the other: for 8 points 4 of them, for 16 points 8, ..., for 512 points 256. */
export const STAGE_COS_AT = 0
export const STAGE_SIN_AT = 2048
/** Cosine and sine of 2 pi k / 1024, for k from 0 to 259. */
export const REAL_COS_AT = 4096
export const REAL_SIN_AT = 5152
/** The window, used before and after. */
export const WINDOW_AT = 6208
/** For each of the 128 groups of four points in the first two stages: where it goes, in bytes. 32-bit integers. */
export const GROUPS_AT = 10304
/** A complex signal before the transform, and after it. */
export const IN_RE_AT = 10816
export const IN_IM_AT = 12864
export const OUT_RE_AT = 14912
export const OUT_IM_AT = 16960
/** Of each bin, 0 to 512 and three more. */
export const BINS_BYTES = 2064
export const POWER_AT = 19008
export const GAIN_AT = 21072
export const SPEECH_AT = 23136
/** 1 / noise. */
export const INVERSE_NOISE_AT = 25200
/** For each channel: spectrum (real, imaginary), the last hop, this hop, what overlaps with the next, what comes out. */
export const CHANNELS_AT = 27264
export const SPECTRUM_RE_AT = 0
export const SPECTRUM_IM_AT = 2064
export const LAST_AT = 4128
export const NEXT_AT = 6176
export const OVERLAP_AT = 8224
export const RESULT_AT = 10272
export const CHANNEL_BYTES = 12320
export const MEMORY_BYTES = 51904
