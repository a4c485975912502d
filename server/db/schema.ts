/** Every table; each feature has its own file. */
export { nodes } from '../nodes/nodes.tables.ts'
export { people, sessions, signIns, verifications } from '../people/people.tables.ts'
export { rooms } from '../rooms/rooms.tables.ts'
export { editLists, renderJobs, studioAssets } from '../studio/studio.tables.ts'
export { takes } from '../takes/takes.tables.ts'
export { tapeChunks, tapes } from '../tapes/tapes.tables.ts'
