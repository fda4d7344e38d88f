import { Role } from '../../src/auth/roles.js';
import { accountIdOf } from '../../src/accounts/account.js';
import { ACCOUNT_LIVE, BILLING_PAGE, CHECKOUT, payCheckout } from '../support/story.js';
import { type Person, startWorld, type World } from '../support/world.js';

const WHO = `{ viewer { account { id externalId } accounts { externalId } } }`;
const DETAILS = `mutation ($input: UpdateBillingDetailsInput!) { updateBillingDetails(input: $input) {
  account { externalId name } userErrors { code }
} }`;
const CANCEL = `mutation ($input: CancelSubscriptionInput!) { cancelSubscription(input: $input) {
  outcome account { externalId } subscription { id } userErrors { code message field }
} }`;
const ACCOUNT = `query ($id: ID, $externalId: String) { account(id: $id, externalId: $externalId) { id externalId plan { key } } }`;

describe('the account that an operation works for', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  const both = { accounts: ['acme', 'globex'], roles: [Role.BILLING_ADMIN], subject: 'two-hats' };
  const service = (chosen?: string) => world.holding({ roles: [Role.SERVICE] }, chosen);
  const chosenBy = async (person: Person) => (await person.ask(WHO)).data.viewer.account.externalId;
  const codeOf = async (asked: ReturnType<Person['ask']>) => (await asked).errors?.[0]?.extensions.code;
  const subscribed = async (externalId: string): Promise<string> => {
    const person = world.as(externalId);
    const { data } = await person.ask(CHECKOUT, { plan: 'team' });
    await payCheckout(world.sandbox, data.createCheckoutSession.session.id);
    await world.settled();
    return (await person.ask(BILLING_PAGE)).data.viewer.account.subscription.id;
  };

  it("is the token's first, or the one of its accounts that the header chooses by either id", async () => {
    expect((await world.holding(both).ask(WHO)).data.viewer).toMatchObject({
      account: { externalId: 'acme' },
      accounts: [{ externalId: 'acme' }, { externalId: 'globex' }],
    });
    expect(await chosenBy(world.holding(both, 'globex'))).toBe('globex');
    expect(await chosenBy(world.holding(both, accountIdOf('globex')))).toBe('globex');
    expect(await chosenBy(world.holding({ ...both, account: 'globex' }))).toBe('globex');
  });

  it('is chosen over a socket by the connection parameter of that name, and by the argument', async () => {
    const seen = async (person: Person, document = ACCOUNT_LIVE) => {
      const live = person.watch(document.replace('account {', 'account { externalId'));
      const { accountUpdated } = await live.until(() => true);
      live.close();
      return accountUpdated.account.externalId;
    };

    expect(await seen(world.holding(both, 'globex'))).toBe('globex');
    const argument = ACCOUNT_LIVE.replace('accountUpdated(', 'accountUpdated(account: "globex", ');
    expect(await seen(world.holding(both), argument)).toBe('globex');
    expect(await seen(service(), argument)).toBe('globex');
  });

  it('cannot be chosen outside the token: another tenant is as absent as nobody', async () => {
    await world.as('initech').ask(DETAILS, { input: { name: 'Initech' } });
    const answers = async (name: string) => {
      const asked = [
        world.holding(both, name).ask(WHO),
        world.holding(both, name).ask(DETAILS, { input: { name: 'Mine now' } }),
        world.holding(both).ask(DETAILS, { input: { account: name, name: 'Mine now' } }),
      ];
      const all = await Promise.all(asked);
      return JSON.stringify(
        all.map(({ data, errors }) => [data, errors?.map(({ message, extensions: { code } }) => [message, code])]),
      ).replaceAll(name, '<name>');
    };

    expect(await answers('initech')).toBe(await answers('initecx'));
    expect(await answers(accountIdOf('initech'))).toBe(await answers(accountIdOf('initecx')));
    expect(await answers('initech')).toContain('NOT_FOUND');
    const { data } = await service('initech').ask(`{ viewer { account { name } } }`);
    expect(data.viewer.account.name).toBe('Initech');
  });

  it('is any for the backend, by its id, by your own id, by the header, and by what the input names', async () => {
    const subscription = await subscribed('hooli');
    const named = {
      data: { updateBillingDetails: { account: { externalId: 'hooli', name: 'Hooli' }, userErrors: [] } },
    };

    expect(await service().ask(DETAILS, { input: { account: 'hooli', name: 'Hooli' } })).toEqual(named);
    expect(await service().ask(DETAILS, { input: { account: accountIdOf('hooli'), name: 'Hooli' } })).toEqual(named);
    expect(await service('hooli').ask(DETAILS, { input: { name: 'Hooli' } })).toEqual(named);
    expect((await service().ask(CANCEL, { input: { subscription } })).data.cancelSubscription).toMatchObject({
      account: { externalId: 'hooli' },
      subscription: { id: subscription },
      userErrors: [],
    });
  });

  it('must be named by who belongs to none', async () => {
    expect(await codeOf(service().ask(DETAILS, { input: { name: 'Whose?' } }))).toBe('FORBIDDEN');
    expect(await codeOf(service(accountIdOf('nobody')).ask(DETAILS, { input: { name: 'x' } }))).toBe('NOT_FOUND');
    const absent = await service().ask(CANCEL, { input: { subscription: 'sub_nobodys' } });
    expect(absent.data.cancelSubscription).toMatchObject({ outcome: 'REJECTED', userErrors: [{ code: 'NOT_FOUND' }] });
  });

  it('is found by its subscription for who belongs to several, and only among hers', async () => {
    const [own, foreign] = [await subscribed('globex'), await subscribed('umbrella')];
    const cancel = async (subscription: string) =>
      (await world.holding(both).ask(CANCEL, { input: { subscription } })).data.cancelSubscription;
    const absent = await cancel('sub_nobodys');

    expect(await cancel(own)).toMatchObject({ outcome: 'SCHEDULED', account: { externalId: 'globex' } });
    expect(JSON.stringify(await cancel(foreign)).replace(foreign, 'sub_nobodys')).toBe(JSON.stringify(absent));
  });

  it('may be named by an operator who is to spend for others, and not by one who is not', async () => {
    const subscription = await subscribed('stark');
    const operator = world.holding({ roles: [Role.OPERATOR, Role.BILLING_ADMIN] });
    const plain = world.holding({ roles: [Role.OPERATOR] });
    const insider = world.holding({ account: 'acme', roles: [Role.OPERATOR, Role.BILLING_ADMIN] });

    const { errors } = await plain.ask(CANCEL, { input: { subscription, timing: 'NOW' } });
    expect(errors).toMatchObject([
      { extensions: { code: 'FORBIDDEN', hint: expect.stringContaining('With BILLING_ADMIN beside OPERATOR') } },
    ]);
    expect((await insider.ask(CANCEL, { input: { subscription } })).data.cancelSubscription.outcome).toBe('REJECTED');
    const { data } = await operator.ask(CANCEL, { input: { account: 'stark', timing: 'NOW' } });
    expect(data.cancelSubscription).toMatchObject({ outcome: 'APPLIED', account: { externalId: 'stark' } });
  });

  it('is read by backend and staff, by exactly one of its ids', async () => {
    const support = world.holding({ roles: [Role.SUPPORT] });
    const found = { account: { id: accountIdOf('hooli'), externalId: 'hooli', plan: { key: 'team' } } };

    expect((await service().ask(ACCOUNT, { externalId: 'hooli' })).data).toEqual(found);
    expect((await support.ask(ACCOUNT, { id: accountIdOf('hooli') })).data).toEqual(found);
    expect((await support.ask(ACCOUNT, { externalId: 'nobody' })).data).toEqual({ account: null });
    expect(await codeOf(service().ask(ACCOUNT, {}))).toBe('BAD_USER_INPUT');
    expect(await codeOf(service().ask(ACCOUNT, { id: 'a', externalId: 'b' }))).toBe('BAD_USER_INPUT');
    expect(await codeOf(world.as('acme').ask(ACCOUNT, { externalId: 'acme' }))).toBe('FORBIDDEN');
  });
});
