/**
 * The one style element of the page that is not a file: wavesurfer.js writes it into the editor's overview. Its hash in the
 * Content-Security-Policy allows it, and nothing else (CSP3, section 6.7.3.3). renderer/studio/editor/overview-options.test.ts
 * compares it with what wavesurfer.js writes.
 */
export const WAVEFORM_STYLE_HASH = "'sha256-U+wOyz6RyxfmjgGP/zCgeX2UqDaDGqr0JM2ok4ksXpY='"
