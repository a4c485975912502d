import path from 'node:path'

/** The folder of package.json. */
export const repositoryRoot = path.dirname(import.meta.dirname)
