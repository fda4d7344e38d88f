import { flowData, needsSubscription, PortalFlow, portalLocale } from '../../src/portal/portal-flow.js';

const BACK = 'https://app.example.com/billing';
const after_completion = { type: 'redirect', redirect: { return_url: BACK } };

describe('a flow of the portal', () => {
  it.each([
    [PortalFlow.HOME, undefined],
    [PortalFlow.INVOICES, undefined],
    [PortalFlow.PAYMENT_METHOD, { type: 'payment_method_update', after_completion }],
    [
      PortalFlow.CANCEL,
      { type: 'subscription_cancel', subscription_cancel: { subscription: 'sub_1' }, after_completion },
    ],
    [
      PortalFlow.CHANGE_PLAN,
      { type: 'subscription_update', subscription_update: { subscription: 'sub_1' }, after_completion },
    ],
  ])('%s is told to Stripe as %j', (flow, told) => {
    expect(flowData(flow, 'sub_1', BACK)).toEqual(told);
  });

  it('needs a subscription when it is about one', () => {
    expect(Object.values(PortalFlow).filter(needsSubscription)).toEqual([PortalFlow.CANCEL, PortalFlow.CHANGE_PLAN]);
  });

  it.each([
    [null, 'auto'],
    ['de-AT', 'de'],
    ['en-GB', 'en-GB'],
    ['en-ZA', 'en'],
    ['pt-BR', 'pt-BR'],
    ['nn-NO', 'nb'],
    ['zh-Hant-TW', 'zh'],
    ['cy', 'auto'],
  ])('for %s is shown in %s', (locale, shown) => {
    expect(portalLocale(locale)).toBe(shown);
  });
});
