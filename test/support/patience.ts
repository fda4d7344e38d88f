import { type PoolLimits, RUN_TIME } from '../../src/database/server-pool.js';

/** A busy machine may keep a process from reading an answer that has long been there, which says nothing about the server. */
export const PATIENT: PoolLimits = { ...RUN_TIME, connectMs: 60_000, answerMs: 60_000 };
/** The same for Redis. */
export const PATIENT_WITH_REDIS_MS = 5_000;
