/** A Redis on which each test has keys of its own, since their prefix comes from its database. */
export const redisUrl = process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379';

/** A busy machine may keep a test from reading an answer that has long been there. */
export const PATIENCE_WITH_REDIS_MS = 5_000;

export const redisAddress = { host: new URL(redisUrl).hostname, port: Number(new URL(redisUrl).port || 6379) };
