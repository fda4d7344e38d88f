import { decideViewerAction, type HeldSubscription, type ViewerSituation } from '../../src/plans/viewer-action.js';

const team = { key: 'team', name: 'Team', rank: 1, free: false, archived: false, trialDays: null };
const business = { ...team, key: 'business', name: 'Business', rank: 2 };
const free = { ...team, key: 'free', name: 'Free', rank: 0, free: true };
const onTeam: HeldSubscription = {
  planKey: 'team',
  rank: 1,
  interval: 'MONTH',
  unmapped: false,
  ending: false,
  bookedElsewhere: false,
  pending: null,
};
const usd = [
  { interval: 'MONTH', currency: 'USD' },
  { interval: 'YEAR', currency: 'USD' },
];

const decided = (differs: Partial<ViewerSituation>) => {
  const { action, enabled } = decideViewerAction({
    plan: team,
    offers: usd,
    interval: 'MONTH',
    currency: null,
    maySpend: true,
    trialUsed: false,
    lockedCurrency: null,
    subscription: null,
    ...differs,
  });
  return enabled ? action : `${action}, disabled`;
};
const held = (differs: Partial<HeldSubscription>) => ({ ...onTeam, ...differs });

describe('the button under a plan', () => {
  it.each<[string, Partial<ViewerSituation>, string]>([
    ['starts a subscription where there is none', {}, 'SUBSCRIBE'],
    ['starts the trial of an account that has not had one', { plan: { ...team, trialDays: 14 } }, 'START_TRIAL'],
    ['starts no second trial', { plan: { ...team, trialDays: 14 }, trialUsed: true }, 'SUBSCRIBE'],
    ['is the present state under the free plan', { plan: free, offers: [] }, 'CURRENT, disabled'],
    ['does nothing for a member', { maySpend: false }, 'SUBSCRIBE, disabled'],
    ['does nothing under a plan that is not sold by the week', { interval: 'WEEK' }, 'UNAVAILABLE, disabled'],
    ['does nothing under a plan that is not sold in the currency', { currency: 'EUR' }, 'UNAVAILABLE, disabled'],
    [
      'does nothing in a currency the account does not pay in',
      { currency: 'USD', lockedCurrency: 'EUR' },
      'UNAVAILABLE, disabled',
    ],
    ['does nothing under an archived plan', { plan: { ...team, archived: true } }, 'UNAVAILABLE, disabled'],
    ['does nothing under a plan without prices', { offers: [] }, 'UNAVAILABLE, disabled'],
    ['is the present state under the own plan', { subscription: onTeam }, 'CURRENT, disabled'],
    ['is so too where the table shows all intervals', { subscription: onTeam, interval: null }, 'CURRENT, disabled'],
    [
      'is so too when the own plan is sold no more',
      { subscription: onTeam, plan: { ...team, archived: true } },
      'CURRENT, disabled',
    ],
    ['switches the interval of the own plan', { subscription: onTeam, interval: 'YEAR' }, 'SWITCH_INTERVAL'],
    ['goes up the ladder', { subscription: onTeam, plan: business }, 'UPGRADE'],
    ['goes down the ladder', { subscription: held({ planKey: 'business', rank: 2 }) }, 'DOWNGRADE'],
    ['goes down to the free plan', { subscription: onTeam, plan: free, offers: [] }, 'DOWNGRADE'],
    ['takes back the cancellation', { subscription: held({ ending: true }) }, 'REACTIVATE'],
    ['does not cancel twice', { subscription: held({ ending: true }), plan: free, offers: [] }, 'DOWNGRADE, disabled'],
    [
      'takes back the booked change, under its target',
      { subscription: held({ planKey: 'business', rank: 2, pending: { planKey: 'team', interval: 'MONTH' } }) },
      'CANCEL_PENDING_CHANGE',
    ],
    [
      'takes back the booked change, under the own plan',
      { subscription: held({ pending: { planKey: 'starter', interval: 'MONTH' } }) },
      'CANCEL_PENDING_CHANGE',
    ],
    [
      'takes nothing back that was booked elsewhere',
      {
        subscription: held({
          ...{ planKey: 'business', rank: 2, bookedElsewhere: true },
          pending: { planKey: 'team', interval: 'MONTH' },
        }),
      },
      'CANCEL_PENDING_CHANGE, disabled',
    ],
    [
      'does not take back an end that was booked elsewhere',
      { subscription: held({ ending: true, bookedElsewhere: true }) },
      'REACTIVATE, disabled',
    ],
    [
      'lets go of a price that is not known',
      { subscription: held({ unmapped: true, planKey: null }), plan: free, offers: [] },
      'DOWNGRADE',
    ],
    [
      'does not guess from a price that is not known',
      { subscription: held({ unmapped: true, planKey: null }) },
      'UNAVAILABLE, disabled',
    ],
  ])('%s', (_what, situation, expected) => {
    expect(decided(situation)).toBe(expected);
  });

  it('says why when it cannot be pressed, and nothing when it can', () => {
    const reasons = [
      {},
      { interval: 'WEEK' },
      { interval: 'ONE_TIME' },
      { maySpend: false },
      { subscription: onTeam },
    ].map(
      (differs) =>
        decideViewerAction({
          plan: team,
          offers: usd,
          interval: 'MONTH',
          currency: null,
          maySpend: true,
          trialUsed: false,
          lockedCurrency: null,
          subscription: null,
          ...differs,
        }).reason,
    );

    expect(reasons).toEqual([
      null,
      'Team is not sold by the week.',
      'Team is not sold by a single payment.',
      'Ask somebody who may change billing.',
      'You have Team.',
    ]);
  });
});
