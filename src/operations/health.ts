import type { Database } from '../database/database.js';
import type { StripeClient } from '../stripe/client.js';
import type { DoorWatch } from '../webhooks/door-watch.js';

/** DEGRADED works, but somebody should look; DOWN does not work. */
export type HealthState = 'OK' | 'DEGRADED' | 'DOWN';

export interface HealthCheck {
  name: string;
  state: HealthState;
  /** What is wrong and what to do; null when all is well. */
  detail: string | null;
}

/** The worst of its checks. */
export interface Health {
  state: HealthState;
  checks: HealthCheck[];
}

export interface HealthNeeds {
  database: Pick<Database, 'read'>;
  stripe: Partial<Pick<StripeClient, 'calls'>>;
  door: Pick<DoorWatch, 'signatureProblem' | 'versionProblem'>;
}

/** What this gateway knows about itself without asking anybody but its database. */
export async function readHealth({ database, stripe, door }: HealthNeeds): Promise<Health> {
  const checks = [
    check('database', 'DOWN', await databaseProblem(database)),
    check('stripe', 'DEGRADED', stripeProblem(stripe)),
    check('webhook signatures', 'DEGRADED', door.signatureProblem()),
    check('webhook version', 'DEGRADED', door.versionProblem()),
  ];
  const worst = (['DOWN', 'DEGRADED'] as const).find((state) => checks.some((one) => one.state === state));
  return { state: worst ?? 'OK', checks };
}

const check = (name: string, otherwise: HealthState, problem: string | undefined): HealthCheck => ({
  name,
  state: problem === undefined ? 'OK' : otherwise,
  detail: problem ?? null,
});

const databaseProblem = ({ read }: HealthNeeds['database']): Promise<string | undefined> =>
  read.rows('SELECT 1 AS one').then(
    () => undefined,
    () => 'The database does not answer. What is asked of it fails, and Stripe delivers its webhooks again later.',
  );

const stripeProblem = ({ calls }: HealthNeeds['stripe']): string | undefined =>
  calls && calls.breaker() !== 'closed'
    ? 'Stripe does not answer and is left alone for a moment. Queries go on; mutations say PROVIDER_UNAVAILABLE. See status.stripe.com.'
    : undefined;
