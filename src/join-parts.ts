import { deleteAccountProcedure } from './accounts/delete-account.js';
import { customerProcedure } from './accounts/ensure-customer.js';
import { linkCustomerProcedure } from './accounts/link-customer.js';
import { addTaxIdProcedure } from './accounts/add-tax-id.js';
import { removeTaxIdProcedure } from './accounts/remove-tax-id.js';
import { billingDetailsProcedure } from './accounts/update-billing-details.js';
import { cancelProcedure } from './subscriptions/cancel-subscription.js';
import { checkoutProcedure } from './checkout/create-checkout-session.js';
import { applyPromotionCodeProcedure } from './checkout/apply-promotion-code.js';
import { startProcedure } from './checkout/start-subscription.js';
import type { Config } from './config.js';
import type { Procedure } from './intents/intent.js';
import type { UnderWay } from './intents/once.js';
import { createIntentRunner } from './intents/run-intent.js';
import { createJobRunner } from './jobs/run-jobs.js';
import { createHub } from './live/hub.js';
import { InboxWatch } from './live/inbox-watch.js';
import { JobWatch } from './live/job-watch.js';
import { UseWatch } from './live/use-watch.js';
import { createMetrics, type MetricsRegistry } from './operations/metrics.js';
import { createRateLimits } from './operations/rate-limits.js';
import type { Parts } from './parts.js';
import { readCatalogueRules } from './plans/plans-file.js';
import { createRelay, type Relay } from './notifications/relay.js';
import type { Ports } from './ports.js';
import { removePaymentMethodProcedure } from './payments/remove-payment-method.js';
import { setDefaultProcedure } from './payments/set-default-payment-method.js';
import { setupIntentProcedure } from './payments/create-setup-intent.js';
import { closeInvoiceProcedure } from './invoices/close-invoice.js';
import { grantCreditProcedure } from './accounts/grant-credit.js';
import { payDraftProcedure, payInvoiceProcedure } from './invoices/pay-invoice.js';
import { cancelPendingChangeProcedure } from './subscriptions/cancel-pending-change.js';
import { MISMATCH } from './subscriptions/change-plan.js';
import { changePlanProcedure } from './subscriptions/change-plan.procedure.js';
import { pauseProcedure } from './subscriptions/pause-subscription.js';
import { reactivateProcedure } from './subscriptions/reactivate-subscription.js';
import { resumeProcedure } from './subscriptions/resume-subscription.js';
import { createSync, type Sync } from './sync/sync.js';

/** Shortened or replaced by tests. */
export interface JoinOptions {
  /** Of the leases of the sync. */
  leaseMs?: number | undefined;
  /** How long a caller waits for the sync. */
  refreshMs?: number | undefined;
  metrics?: MetricsRegistry;
}

/** Makes the parts that verbs and resolvers work with; nothing runs yet. */
export function joinParts(
  config: Config,
  ports: Ports,
  { leaseMs, refreshMs, metrics = createMetrics() }: JoinOptions = {},
): Parts {
  const { database, hints, mail, timers, log, random, stripe } = ports;
  const { kinds } = config.mails;
  const relay: Relay | null =
    mail && kinds.length > 0 ? createRelay({ database, mail, timers, log, random }, { kinds, metrics }) : null;
  const hub = createHub({ database, hints, timers, log, metrics });
  const useWatch = new UseWatch({ database, hints, timers, log });
  const inboxWatch = new InboxWatch({ hints, timers, log });
  const jobWatch = new JobWatch({ database, hints, timers, log });
  const catalogueRules = readCatalogueRules(config);
  const sync: Sync = createSync(ports, {
    policy: config,
    catalogue: catalogueRules,
    announce: (hint) => hints.publish(hint),
    mailKinds: relay ? kinds : [],
    mailQueued: () => relay?.wakeUp(),
    ...{ leaseMs, refreshMs, metrics },
  });
  const procedures = [
    checkoutProcedure(stripe, database, config.checkout),
    startProcedure(stripe, database, config.checkout),
    applyPromotionCodeProcedure(stripe),
    cancelProcedure(stripe),
    reactivateProcedure(stripe),
    changePlanProcedure(stripe, (fields) => log.error(fields, MISMATCH)),
    cancelPendingChangeProcedure(stripe),
    pauseProcedure(stripe),
    resumeProcedure(stripe),
    setupIntentProcedure(stripe, database),
    setDefaultProcedure(stripe),
    removePaymentMethodProcedure(stripe),
    payInvoiceProcedure(stripe),
    payDraftProcedure(stripe),
    closeInvoiceProcedure(stripe),
    grantCreditProcedure(stripe, database),
    customerProcedure(stripe, database),
    linkCustomerProcedure(stripe),
    billingDetailsProcedure(stripe, database),
    addTaxIdProcedure(stripe, database),
    removeTaxIdProcedure(stripe),
    deleteAccountProcedure(ports),
  ] as unknown as Procedure<never>[];
  const underWay: UnderWay = new Map();
  const intents = createIntentRunner({ database, random, log, sync, procedures, underWay });
  return {
    ...ports,
    config,
    publicUrl: config.publicUrl ?? '',
    catalogueRules,
    sync,
    intents,
    underWay,
    hub,
    useWatch,
    inboxWatch,
    jobs: createJobRunner({ ...ports, config, catalogueRules, sync, metrics }),
    jobWatch,
    relay,
    metrics,
    rateLimits: createRateLimits(config, ports.redis),
  };
}
