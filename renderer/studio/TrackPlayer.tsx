import { useState } from 'react'
import styles from './studio.module.css'

interface TrackPlayerProps {
  src: string
  /** For the ear. */
  label: string
  autoPlay?: boolean | undefined
}

/**
 * Keeps its address while it plays, although tickets in addresses are renewed; takes the new one when the old one
 * is refused. `crossOrigin`: the desktop's page has another origin than the file, which the server lets in by CORS.
 */
export function TrackPlayer({ src, label, autoPlay = false }: TrackPlayerProps) {
  const [own, setOwn] = useState(src)
  return (
    // biome-ignore lint/a11y/useMediaCaption: nobody has written down what was said
    <audio
      className={styles.player}
      controls
      autoPlay={autoPlay}
      preload="metadata"
      crossOrigin="anonymous"
      src={own}
      aria-label={label}
      onError={() => setOwn(src)}
    />
  )
}
