/** The type of the API, for typed clients. Types only: nothing of the server's code crosses. */
export type { AppRouter } from '../router.ts'
