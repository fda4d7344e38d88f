'use strict';

/**
 * @typedef {object} Row
 * @property {string} what It is shown in the help and beside its figures.
 * @property {string[]} tests What jest is given.
 * @property {Record<string, string>} size Settings of those tests: about twenty minutes on two cores and each database.
 * @property {('embedded' | 'mariadb')[]} databases
 */

const both = ['embedded', 'mariadb'];

/** What the default run does a slice of. A row's name is one a report of reliability speaks of. */
/** @type {Record<string, Row>} */
const rows = {
  R1: {
    what: 'same end whatever comes late, twice, out of order or not at all, whatever clocks say (simulation; R2, R15, R18, R21 too)',
    tests: ['test/simulation/simulation', 'test/simulation/permutations'],
    size: { SIM_HISTORIES: '30000', SIM_EVENTS: '6', SIM_SHORT_HISTORIES: '20' },
    databases: ['embedded'],
  },
  R3: {
    what: 'same end through two gateways on a real database, in whatever order deliveries come',
    tests: ['test/journeys/webhooks'],
    size: { ORDERS: '300' },
    databases: both,
  },
  R5: {
    what: 'killed at any await of a whole life',
    tests: ['test/crash/crash-matrix'],
    size: { CRASH_STORIES: '20', CRASH_AGAIN: '0,0', CRASH_SEED: '5' },
    databases: both,
  },
  R6: {
    what: 'killed at any await, and again in the recovery, and again',
    tests: ['test/crash/crash-matrix'],
    size: { CRASH_STORIES: '10', CRASH_AGAIN: '100,50', CRASH_SEED: '6' },
    databases: both,
  },
  R7: {
    what: 'a worker frozen past its lease writes nothing old',
    tests: ['test/real/frozen-worker'],
    size: { REAL_FREEZES: '300' },
    databases: both,
  },
  R8: {
    what: '100 copies of one delivery through two gateways',
    tests: ['test/real/copies'],
    size: { REAL_DELIVERIES: '300' },
    databases: both,
  },
  R9: {
    what: 'the database is killed under deliveries',
    tests: ['test/real/database-outage'],
    size: { REAL_OUTAGES: '50' },
    databases: ['mariadb'],
  },
  R10: {
    what: "the database's answer to a write is lost",
    tests: ['test/crash/lost-answers'],
    size: { CRASH_STORIES: '20' },
    databases: ['mariadb'],
  },
  R11: {
    what: 'connections to the database that have gone silent',
    tests: ['test/database/server-pool'],
    size: { REAL_SILENCES: '500' },
    databases: ['mariadb'],
  },
  R12: {
    what: 'transactions of many clients can be put into one order (a checker of histories, as Elle)',
    tests: ['test/isolation/isolation'],
    size: { ISOLATION_TRANSACTIONS: '200000' },
    databases: both,
  },
  R13: {
    what: 'everybody works on four customers at once',
    tests: ['test/real/hot-subjects'],
    size: { REAL_HOT: '5000', REAL_WORKERS: '64' },
    databases: ['mariadb'],
  },
  R16: {
    what: 'one event in a hundred is poison',
    tests: ['test/real/poison'],
    size: { REAL_STREAM: '10000' },
    databases: both,
  },
  R17: {
    what: 'a backlog is drained fairly, with few calls',
    tests: ['test/real/backlog'],
    size: { REAL_BACKLOG: '20000', REAL_CUSTOMERS: '500' },
    databases: both,
  },
  R21: {
    what: 'up to twenty tabs change one subscription, or begin a checkout, at once',
    tests: ['test/real/tabs'],
    size: { REAL_TABS: '2000' },
    databases: both,
  },
  R22: {
    what: 'a mutation is repeated with its key, and asked for by many at once',
    tests: ['test/journeys/repeated-keys'],
    size: {},
    databases: both,
  },
  R23: {
    what: "Stripe's answer to a mutation is lost",
    tests: ['test/journeys/unknown-outcomes'],
    size: { ALL_FAULTS: '1' },
    databases: both,
  },
  R24: {
    what: 'every mutation meets every fault of Stripe',
    tests: ['test/journeys/stripe-faults'],
    size: { FAULT_PASSES: '210' },
    databases: both,
  },
  R25: {
    what: 'Stripe is down while people read',
    tests: ['test/real/stripe-outage'],
    size: { REAL_READS: '4000' },
    databases: both,
  },
  R26: {
    what: 'amounts of money are shown to the last minor unit',
    tests: ['test/money'],
    size: { AMOUNTS: '1000000' },
    databases: ['embedded'],
  },
  R27: {
    what: 'what is previewed is charged',
    tests: ['test/journeys/change-plan-random'],
    size: { LONG: '1' },
    databases: both,
  },
  R28: {
    what: 'sockets cut at random end at the revision of the database',
    tests: ['test/real/sockets'],
    size: { REAL_SOCKETS: '1000', REAL_CHANGES: '100' },
    databases: both,
  },
  R29: {
    what: 'a stream is opened while changes are committed and told, in every order',
    tests: ['test/live/interleavings'],
    size: { LIVE_CHANGES: '2' },
    databases: ['embedded'],
  },
  R30: {
    what: 'no revision is published that is not in the database',
    tests: ['test/redis/published-revisions'],
    size: { REAL_PUBLISHED: '2000' },
    databases: ['mariadb'],
  },
  R31: {
    what: 'readers that have stopped reading hold up nobody',
    tests: ['test/real/slow-readers'],
    size: { REAL_READERS: '200', REAL_SLOW: '20', REAL_PUSHES: '200' },
    databases: both,
  },
  R34: {
    what: 'told to stop under load',
    tests: ['test/real/drain'],
    size: { REAL_DRAINS: '20' },
    databases: both,
  },
  S1: {
    what: 'any header over any body is refused',
    tests: ['test/webhooks/door', 'test/security/forged-webhooks'],
    size: { FORGERIES: '1000000' },
    databases: ['embedded'],
  },
  S2: {
    what: 'bodies that are too large, too slow or not what they say',
    tests: ['test/security/heavy-bodies'],
    size: { HEAVY_SOCKETS: '300' },
    databases: ['embedded'],
  },
  S3: {
    what: 'the signing secret is exchanged under deliveries',
    tests: ['test/real/secret-rotation'],
    size: { REAL_ROTATIONS: '100' },
    databases: both,
  },
  S20: {
    what: 'captured deliveries are sent again',
    tests: ['test/real/captured-deliveries'],
    size: { REAL_CAPTURED: '100' },
    databases: both,
  },
};

module.exports = { rows };
