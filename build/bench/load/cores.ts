import { availableParallelism } from 'node:os'

/**
 * Where there are two cores or more, the SFU under test has one for itself and the load generator another: each SFU
 * is measured on one core, and the generator's work does not take its time. Null on a single core.
 */
const isShared = availableParallelism() < 2
export const SFU_CORE = isShared ? null : 0
export const LOAD_CORE = isShared ? null : 1
