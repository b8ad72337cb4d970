import { descriptorLossTerms } from "../../ops/losses/descriptor_loss_terms.ts";
import { hardNetTerms } from "../../ops/losses/hardnet_terms.ts";
import { hyNetTerms } from "../../ops/losses/hynet_terms.ts";
import { sdgmNetTerms } from "../../ops/losses/sdgmnet_terms.ts";
import { sosNetTerms } from "../../ops/losses/sosnet_terms.ts";
import type { LossTerms } from "../../ops/losses/loss_terms.ts";
import type { LossName } from "../losses.ts";

/** What computes each loss's terms. */
export const termsOfLoss: Readonly<Record<LossName, LossTerms>> = {
  ExpTeacher: descriptorLossTerms,
  balance: descriptorLossTerms,
  tripletMargin_o: descriptorLossTerms,
  "tripletMargin++": descriptorLossTerms,
  tripletTeacher: descriptorLossTerms,
  HardNet: hardNetTerms,
  HardNetAllViews: hardNetTerms,
  SOSNet: sosNetTerms,
  HyNet: hyNetTerms,
  HyNetSecondOrder: hyNetTerms,
  SDGMNet: sdgmNetTerms,
};
