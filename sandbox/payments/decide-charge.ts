import type { Decline, TestCard } from './test-cards.js';

export interface ChargeSituation {
  offSession: boolean;
  /** The card was authenticated once for later payments without its holder. */
  setUp: boolean;
  /** The payment asks for the holder wherever the card allows it. */
  asked?: boolean;
  /** The holder has just authenticated this payment. */
  authenticated: boolean;
  /** The card's own month and year are over. */
  expired: boolean;
  /** An outcome that was ordered for the customer's next payment. */
  forced: string | null;
}

export type ChargeDecision =
  | { kind: 'succeeds' }
  | { kind: 'declined'; decline: Decline }
  | { kind: 'requires_action' }
  /** A bank debit is known only days later. */
  | { kind: 'processing' };

const genericDecline: Decline = {
  code: 'card_declined',
  decline_code: 'generic_decline',
  message: 'Your card was declined.',
};

/** What the bank says to a charge. */
export function decideCharge(card: TestCard, situation: ChargeSituation): ChargeDecision {
  const { forced } = situation;
  if (card.settles) return { kind: 'processing' };
  if (forced === 'succeeds') return { kind: 'succeeds' };
  if (forced === 'requires_action' && !situation.authenticated) return { kind: 'requires_action' };
  if (forced !== null && forced !== 'requires_action') {
    return {
      kind: 'declined',
      decline: forced === 'declined' ? genericDecline : { ...genericDecline, decline_code: forced },
    };
  }
  const refusal = card.refused ?? card.chargeFails;
  if (refusal) return { kind: 'declined', decline: refusal };
  if (situation.expired)
    return {
      kind: 'declined',
      decline: { code: 'expired_card', decline_code: 'expired_card', message: 'Your card has expired.' },
    };
  if (!situation.authenticated && mustAuthenticate(card, situation)) return { kind: 'requires_action' };
  if (card.failsAfterAuthentication) return { kind: 'declined', decline: card.failsAfterAuthentication };
  return { kind: 'succeeds' };
}

function mustAuthenticate(card: TestCard, { offSession, setUp, asked = false }: ChargeSituation): boolean {
  if (card.authenticates === 'if_asked') return asked && !offSession;
  if (card.authenticates === 'always') return true;
  if (card.authenticates === 'on_session') return !offSession;
  if (card.authenticates === 'unless_set_up') return !(offSession && setUp);
  return false;
}
