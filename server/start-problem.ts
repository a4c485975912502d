/** A reason not to start that the person who starts Engawa can mend. Its message is one plain sentence. */
export class StartProblem extends Error {
  override readonly name = 'StartProblem'
}

/** The code of a system error (`EACCES`, `ENOENT`, ...), or null for any other error. */
export function systemCodeOf(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null
  return typeof code === 'string' ? code : null
}

const SYSTEM_WORDS: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'the operation is not permitted',
  ENOENT: 'it does not exist and cannot be made there',
  ENOTDIR: 'a part of that path is a file',
  EEXIST: 'it is a file, not a folder',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EMFILE: 'too many files are open',
  ELOOP: 'its links go in a circle',
  ENAMETOOLONG: 'its name is too long',
}

/** A system error in plain words, with its code for the curious. */
export function systemWordsFor(error: unknown): string {
  const code = systemCodeOf(error)
  if (code === null) return error instanceof Error ? error.message : String(error)
  return `${SYSTEM_WORDS[code] ?? 'the system refused'} (${code})`
}
