/** The part of a pino logger that a node uses: fields first, then the sentence. */
export interface NodeLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
