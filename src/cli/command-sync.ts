import type { Config } from '../config.js';
import { readCatalogueRules } from '../plans/plans-file.js';
import type { Ports } from '../ports.js';
import { createSync, type Sync } from '../sync/sync.js';

/** A command waits longer for an answer than somebody at a screen: a gateway may be busy with the same subject. */
const REFRESH_LIMIT_MS = 30_000;

/** The sync of one command, beside a gateway or without; it queues the same mails, which the gateway sends. */
export const createCommandSync = (config: Config, ports: Ports): Sync =>
  createSync(ports, {
    policy: config,
    catalogue: readCatalogueRules(config),
    announce: (hint) => ports.hints.publish(hint),
    mailKinds: ports.mail ? config.mails.kinds : [],
    refreshMs: REFRESH_LIMIT_MS,
  });
