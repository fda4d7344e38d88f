import { Arg, Authorized, Ctx, ID, Query, Resolver } from 'type-graphql';
import { accountIdOf } from '../accounts/account.js';
import { holds, Role } from '../auth/roles.js';
import { BillingError, badUserInput } from '../errors.js';
import { toTimelineEntry } from '../history/timeline.resolver.js';
import { readJob } from '../jobs/job-store.js';
import { allFeatures } from '../plans/feature.resolver.js';
import type { Context } from './context.js';
import { Node } from './node.js';
import { maySeeAccount, readOwnAccount } from './viewer-account.js';

/** What was found, and whose it is: an account's id, or everybody's. */
interface Found {
  node: Node | null;
  owner: string | null | typeof EVERYBODY;
}

const EVERYBODY = Symbol('everybody');

interface NodeKind {
  /** How the ids of this kind look. */
  form: RegExp;
  /** Readable without a token. */
  open?: boolean;
  read(context: Context, id: string): Promise<Found>;
}

const NOBODYS: Found = { node: null, owner: null };
const owned = (row: (Node & { accountId: string | null }) | null): Found => ({
  node: row,
  owner: row?.accountId ?? null,
});

/** Every kind of thing that is found again by its id; the order does not matter, no two forms overlap. */
export const nodeKinds: Record<string, NodeKind> = {
  BillingAccount: {
    form: /^acc_/,
    read: async (context, id) => {
      // Before its first write the caller's own account has no row, but can be asked for all the same.
      const own = context.caller?.accounts.find((externalId) => accountIdOf(externalId) === id);
      const node = own === undefined ? context.loaders.account.load(id) : readOwnAccount(context, own);
      return { node: await node, owner: id };
    },
  },
  Plan: {
    form: /^plan_/,
    open: true,
    read: async ({ loaders }, id) => ({
      node: (await loaders.catalogue()).plans.find((plan) => plan.id === id) ?? null,
      owner: EVERYBODY,
    }),
  },
  Price: {
    form: /^price_/,
    open: true,
    read: async ({ loaders }, id) => ({
      node: (await loaders.catalogue()).priceById.get(id) ?? null,
      owner: EVERYBODY,
    }),
  },
  AddOn: {
    form: /^addon_/,
    open: true,
    read: async ({ loaders }, id) => ({
      node: (await loaders.catalogue()).addOns.find((addOn) => addOn.id === id) ?? null,
      owner: EVERYBODY,
    }),
  },
  Feature: {
    form: /^feat_/,
    open: true,
    read: async (context, id) => ({
      node: (await allFeatures(context)).find((feature) => feature.id === id) ?? null,
      owner: EVERYBODY,
    }),
  },
  BillingSubscription: {
    form: /^sub_/,
    read: async ({ loaders }, id) => owned(await loaders.subscription.load(id)),
  },
  SubscriptionItem: {
    form: /^si_/,
    read: async ({ loaders }, id) => {
      const [node, owner] = await Promise.all([loaders.subscriptionItem.load(id), loaders.accountOfItem.load(id)]);
      return { node, owner };
    },
  },
  Invoice: {
    form: /^in_/,
    read: async ({ loaders }, id) => owned(await loaders.invoice.load(id)),
  },
  CheckoutSession: {
    form: /^cs_/,
    read: async ({ loaders }, id) => owned(await loaders.checkoutSession.load(id)),
  },
  PaymentMethod: {
    form: /^pm_/,
    read: async ({ loaders }, id) => owned(await loaders.paymentMethod.load(id)),
  },
  TaxId: {
    form: /^(a?txi)_/,
    read: async ({ loaders }, id) => owned(await loaders.taxId.load(id)),
  },
  Job: {
    form: /^job_/,
    // Staff's alone: of no account, and not your backend's either.
    read: async ({ caller, parts }, id) =>
      holds(caller?.roles ?? [], Role.SUPPORT)
        ? { node: await readJob(parts.database, id), owner: EVERYBODY }
        : NOBODYS,
  },
  TimelineEntry: {
    form: /^[0-9A-HJKMNP-TV-Z]{26}$/,
    read: async ({ loaders }, id) => {
      const entry = await loaders.auditEntry.load(id);
      return { node: entry && toTimelineEntry(entry), owner: entry?.accountId ?? null };
    },
  },
};

const MOST_NODES = 100;
const IDS = "Ids as the API gave them, such as Stripe's (in_…).";

@Resolver()
export class NodeResolver {
  @Authorized(Role.PUBLIC)
  @Query(() => Node, {
    nullable: true,
    description:
      "Whatever has this id; null when you may not see it or there is no such thing, which look the same. Plans and prices need no token; an account's things need one of that account, or of your backend or staff.",
  })
  node(@Arg('id', () => ID, { description: IDS }) id: string, @Ctx() context: Context): Promise<Node | null> {
    return readNode(context, id);
  }

  @Authorized(Role.PUBLIC)
  @Query(() => [Node], {
    nullable: 'items',
    description: `The same for up to ${MOST_NODES} ids, in their order; null in the place of what is not there.`,
  })
  nodes(
    @Arg('ids', () => [ID], { description: IDS }) ids: string[],
    @Ctx() context: Context,
  ): Promise<(Node | Error | null)[]> {
    if (ids.length > MOST_NODES) throw badUserInput(`ids may name ${MOST_NODES} things, found ${ids.length}.`);
    return Promise.all(ids.map((id) => readNode(context, id).catch((thrown: Error) => thrown)));
  }
}

async function readNode(context: Context, id: string): Promise<Node | null> {
  const kind = Object.values(nodeKinds).find(({ form }) => form.test(id));
  if (!kind) return null;
  if (!kind.open && context.caller === null) throw tokenNeeded();
  const { node, owner } = await kind.read(context, id);
  return owner === EVERYBODY || maySeeAccount(context.caller, owner) ? node : null;
}

const tokenNeeded = () =>
  new BillingError('UNAUTHENTICATED', 'Ids of this kind need a token; none was sent.', {
    hint: 'Send `Authorization: Bearer <token>`; over a socket as connectionParams.authorization.',
  });
