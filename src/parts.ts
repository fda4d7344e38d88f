import type { Config } from './config.js';
import type { CatalogueRules } from './plans/rules.js';
import type { MetricsRegistry } from './operations/metrics.js';
import type { RateLimits } from './operations/rate-limits.js';
import type { Relay } from './notifications/relay.js';
import type { Ports } from './ports.js';
import type { Sync } from './sync/sync.js';
import type { Hub } from './live/hub.js';
import type { InboxWatch } from './live/inbox-watch.js';
import type { JobRunner } from './jobs/run-jobs.js';
import type { JobWatch } from './live/job-watch.js';
import type { UseWatch } from './live/use-watch.js';
import type { UnderWay } from './intents/once.js';
import type { IntentRunner } from './intents/run-intent.js';

/** The joined parts that verbs and resolvers work with; made once by `createGateway`. */
export interface Parts extends Ports {
  config: Config;
  /** Address of this gateway as browsers reach it, without a trailing slash. */
  publicUrl: string;
  /** What the operator says of plans, prices and features beside Stripe. */
  catalogueRules: CatalogueRules;
  sync: Sync;
  intents: IntentRunner;
  underWay: UnderWay;
  hub: Hub;
  useWatch: UseWatch;
  inboxWatch: InboxWatch;
  jobs: JobRunner;
  jobWatch: JobWatch;
  /** Null where no mails are sent. */
  relay: Relay | null;
  metrics: MetricsRegistry;
  rateLimits: RateLimits;
}
