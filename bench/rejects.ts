import { createHmac, timingSafeEqual } from 'node:crypto';
import { systemTimers, systemWall } from '../src/clock/system-clock.js';
import { createLog } from '../src/cli/log.js';
import { loadConfig } from '../src/config.js';
import { createMetrics } from '../src/operations/metrics.js';
import { createRateLimits } from '../src/operations/rate-limits.js';
import { STRIPE_API_VERSION } from '../src/stripe/client.js';
import { createDoorWatch } from '../src/webhooks/door-watch.js';
import { createReceiveWebhook } from '../src/webhooks/receive-webhook.js';
import { answerQuestions } from './child.js';
import { createDelivery, SECRET } from './deliveries.js';

/** The door alone, without the network and the database: what a refusal costs the processor, however busy the machine is. */
const config = loadConfig();
const log = createLog(config);
const metrics = createMetrics();
const receive = createReceiveWebhook({
  inbox: { store: () => Promise.reject(new Error('A forged delivery was taken in.')) },
  wall: systemWall,
  log,
  secrets: [SECRET],
  livemode: false,
  draining: () => false,
  knock() {},
  metrics,
  watch: createDoorWatch({ wall: systemWall, log, metrics, apiVersion: STRIPE_API_VERSION }),
  takeBadSignature: createRateLimits(config, undefined).takeBadSignature,
});

const { body, headers } = createDelivery();
const signature = String(headers['stripe-signature']);
const forged: Record<string, string>[] = [
  {},
  { 'stripe-signature': 't=1,v1=short' },
  { 'stripe-signature': signature.replace(/^t=\d+/, 't=1800000000') },
  { 'stripe-signature': signature.slice(0, -1) + (signature.endsWith('0') ? '1' : '0') },
];
/** All of them with a signature of the right form and time, which costs the most. */
const unsigned = forged.slice(-1);

/** Times of `work` in a second of one core's time. */
async function perCoreSecond(times: number, work: (n: number) => unknown): Promise<number> {
  const began = process.cpuUsage();
  for (let n = 0; n < times; n++) {
    await work(n);
    if (n % 1_000 === 0) await systemTimers.turn();
  }
  const { user, system } = process.cpuUsage(began);
  return (times / (user + system)) * 1_000_000;
}

const refuse = (kinds: readonly Record<string, string>[]) => (n: number) =>
  receive(body, kinds[n % kinds.length] ?? {}, {
    remoteAddress: `10.0.${(n >> 8) & 255}.${n & 255}`,
    requestId: 'bench',
  });

const digest = () =>
  timingSafeEqual(createHmac('sha256', SECRET).update('1800000000.').update(body).digest(), Buffer.alloc(32));

answerQuestions({
  async measure(times) {
    const count = times as number;
    for (const work of [refuse(forged), digest]) await perCoreSecond(count / 4, work);
    return {
      mixed: await perCoreSecond(count, refuse(forged)),
      unsigned: await perCoreSecond(count, refuse(unsigned)),
      digest: await perCoreSecond(count, digest),
    };
  },
});
