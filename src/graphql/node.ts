import { Field, ID, InterfaceType } from 'type-graphql';

/** Types that implement it have a row in the registry of `node.resolver.ts`. */
@InterfaceType({ description: 'Anything that can be fetched again by its id.' })
export abstract class Node {
  @Field(() => ID, {
    description: "Opaque, globally unique, stable. Mirrored objects carry Stripe's own id; never parse it.",
  })
  id!: string;
}
