/** A Redis on which each test has keys of its own, since their prefix comes from its database. */
export const redisUrl = process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379';

export const redisAddress = { host: new URL(redisUrl).hostname, port: Number(new URL(redisUrl).port || 6379) };
