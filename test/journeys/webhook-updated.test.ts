import { Role } from '../../src/auth/roles.js';
import { replayEvents } from '../../src/webhooks/replay-events.js';
import { CHECKOUT, payCheckout } from '../support/story.js';
import { type Person, startWorld, type World } from '../support/world.js';

const LIVE = `subscription ($after: ID, $filter: WebhookEventFilter) { webhookUpdated(first: 100, after: $after, filter: $filter) {
  kind cursor skipped backlog events { id type state subject receivedAt finishedAt attempts error } } }`;

interface Event {
  id: string;
  type: string;
  state: string;
}
interface Message {
  webhookUpdated: { kind: string; cursor: string; backlog: number; events: Event[] };
}
type Wanted = { states?: string[]; types?: string[]; account?: string };

describe('the stream of the inbox', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  /** Watches as staff; the snapshot is here. */
  async function watch(who: Pick<World, 'staff'>, filter: Wanted = {}, after?: string) {
    const live = who.staff(Role.SUPPORT).watch<Message>(LIVE, { filter, after });
    await live.until(() => true);
    return live;
  }
  const holds =
    (fits: (event: Event) => boolean) =>
    ({ webhookUpdated }: Message) =>
      webhookUpdated.events.some(fits);
  const paid = ({ type, state }: Event) => type === 'invoice.paid' && state === 'DONE';
  async function pay(person: Person): Promise<void> {
    const { data } = await person.ask(CHECKOUT, { plan: 'team' });
    await payCheckout(world.sandbox, data.createCheckoutSession.session.id);
  }

  it('is of one account, when asked, and shows a replay by hand', async () => {
    await pay(world.as('globex'));
    await world.settled();
    const live = await watch(world, { account: 'globex', types: ['invoice.paid'] });
    const [first] = live.messages[0]?.webhookUpdated.events ?? [];
    const again = ({ webhookUpdated }: Message) => webhookUpdated.kind === 'CHANGED' && holds(paid)({ webhookUpdated });
    const { database, random, sync } = world.gateway.parts;
    const [row] = await database.read.rows<{ id: string; subject: string }>(
      'SELECT id, subject FROM stripe_events WHERE id = ?',
      [first?.id],
    );
    await replayEvents({ database, random }, [row!], { actor: 'cli', reason: null });
    await sync.idle();
    await live.until(again);
    live.close();

    expect(live.messages.flatMap(({ webhookUpdated }) => webhookUpdated.events).map(({ id }) => id)).toEqual(
      expect.arrayContaining([first?.id]),
    );
    expect(new Set(live.messages.flatMap(({ webhookUpdated }) => webhookUpdated.events.map(({ id }) => id))).size).toBe(
      1,
    );
  });

  it('goes on where a socket was cut, and is for staff alone', async () => {
    await world.settled();
    const live = await watch(world);
    const cursor = live.messages.at(-1)?.webhookUpdated.cursor;
    live.close();
    await pay(world.as('initech'));
    await world.settled();
    const resumed = await watch(world, {}, cursor);
    await resumed.until(holds(paid));
    resumed.close();

    expect(resumed.messages[0]?.webhookUpdated.kind).toBe('CHANGED');
    await expect(
      world
        .as('acme')
        .watch(LIVE)
        .until(() => true),
    ).rejects.toThrow('FORBIDDEN');
    await expect(
      world
        .staff(Role.SUPPORT)
        .watch(LIVE.replace('100', '101'))
        .until(() => true),
    ).rejects.toThrow('first must be 1 to 100, found 101.');
  });

  it('tells staff of every event that comes in and of its end, also at a gateway that took none of them', async () => {
    // Whichever started last has the endpoint at Stripe.
    const other = await world.startAnother();
    const all = await Promise.all([watch(world), watch(other)]);
    await pay(world.as('umbrella'));
    for (const live of all) {
      await live.until(holds(paid));
      await live.until(({ webhookUpdated }) => webhookUpdated.kind === 'CHANGED' && webhookUpdated.backlog === 0);
      live.close();
    }
    await other.close();

    for (const { messages } of all)
      expect(messages.map(({ webhookUpdated }) => webhookUpdated.kind)).toEqual(
        messages.map((_message, at) => (at === 0 ? 'SNAPSHOT' : 'CHANGED')),
      );
  });
});
