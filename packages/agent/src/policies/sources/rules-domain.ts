/** The domain of policies that detection rules need; no other policy can be in it. */
export const rulesDomain = 'rules'
