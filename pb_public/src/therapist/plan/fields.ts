// What each part of a plan is made of, in the order in which it is filled in. The lists are the server's own (migrations/careplan_evaluation.go).
import { GROUPS } from '../regions'

export { GROUPS }
export type Kind = 'text' | 'long' | 'number' | 'day' | 'one' | 'many' | 'yes' | 'refs'
export type Field = { name: string; kind: Kind; of?: readonly string[]; to?: string; wide?: boolean }

const f = (name: string, kind: Kind = 'text', of?: readonly string[], wide = false): Field => ({ name, kind, of, wide })
const refs = (name: string, to: string): Field => ({ name, kind: 'refs', to, wide: true })

const REGIONS = ['C0_C1', 'C1_C2', 'C2_C3', 'C3_C4', 'suboccipitals', 'SCM', 'scalenes', 'splenius_capitis', 'semispinalis', 'levator_scapulae', 'upper_trapezius', 'middle_trapezius', 'lower_trapezius', 'rhomboids',
  'deep_neck_flexors', 'thoracic_T1_T6', 'TMJ', 'masseter', 'temporalis', 'medial_pterygoid', 'lateral_pterygoid', 'frontalis', 'occipitalis', 'corrugator', 'orbicularis_oculi']
const TECHNIQUES = ['massage', 'mobilization', 'manipulation', 'muscle_energy', 'stretching', 'myofascial_release', 'trigger_point_release', 'suboccipital_release', 'neural_mobilization', 'deep_breathing', 'pmr', 'guided_motor_imagery', 'other']
const MECHANISMS = ['peripheral_sensitization', 'central_sensitization', 'mobility', 'strength', 'endurance', 'tension', 'arousal', 'lifestyle']
const DOMAINS = ['frequency', 'intensity', 'disability', 'quality_of_life', 'medication', 'neck_function', 'activity', 'sleep', 'self_management']
const SIDES = ['left', 'right', 'both']
const HORIZONS = ['short', 'long']
export const CATEGORIES = ['exercise_generalized', 'exercise_condition_specific', 'manual', 'modality_cold', 'modality_electrical', 'relaxation', 'education', 'lifestyle']
export const FINDINGS = ['impaired', 'normal', 'not_indicated', 'video', 'next_visit']
export const STATEMENTS = ['early_signs', 'own_program', 'step_down_up', 'relief', 'triggers', 'drug_day_limit', 'red_flags', 'whom_to_call']
/** What else she lives with (S-37), and how it stands. */
export const CONDITIONS = ['insomnia', 'anxiety', 'depression', 'tmd', 'obesity']
export const THERE = ['present', 'absent', 'not_assessed']
export const CHANGES = ['stress_increase', 'work_change', 'home_change', 'new_health_issue', 'illness', 'clinical_need', 'slow_response', 'scheduling', 'holiday', 'bereavement', 'pregnancy', 'other']
export const DISCHARGES = ['goals_met_early', 'patient_choice', 'no_progress', 'adverse_event', 'red_flag_referral', 'medical_change', 'financial', 'moved', 'lost_to_followup', 'deceased', 'other']
export const CHIPS = ['clinical_need', 'patient_need', 'review_booked', 'scheduling', 'referral_pending', 'recorded_late', 'other']

/** The two parts of the plan's own row. */
export const PLAN: readonly Field[] = [
  f('pt_rationale', 'many', ['side_effects', 'ineffective', 'contraindicated_comorbidity', 'preference', 'adjunct'], true), f('impact_statement', 'long', undefined, true),
  f('care_type'), f('care_amount'), f('care_frequency'), f('care_duration'), f('consent_on', 'day'), f('episode'),
]
export const TERMS: readonly Field[] = [f('planned_visits', 'number'), f('per_week', 'number'), f('planned_end', 'day'), f('wellness_consent_on', 'day')]

export const ROWS: Record<string, readonly Field[]> = {
  headache_diagnoses: [f('type', 'one', ['migraine_without_aura', 'migraine_with_aura', 'chronic_migraine', 'probable_migraine', 'tension_type', 'medication_overuse', 'cervicogenic', 'tmd_headache', 'other']), f('code'), f('made_by'), f('noted_on', 'day')],
  impairments: [f('region_group', 'one', GROUPS), f('finding', 'one', FINDINGS), f('region', 'one', REGIONS), f('side', 'one', SIDES), f('severity', 'number'), f('note', 'text', undefined, true)],
  problems: [f('name', 'text', undefined, true), f('domain', 'one', ['neurological', 'musculoskeletal', 'lifestyle', 'psychosocial']), f('positive', 'yes'), f('deferred_because', 'text', undefined, true)],
  goals: [f('patient_words', 'text', undefined, true), f('domain', 'one', DOMAINS), f('metric'), f('baseline', 'number'), f('baseline_on', 'day'), f('source'), f('target', 'number'), f('direction', 'one', ['lower', 'higher']), f('due', 'day'), f('horizon', 'one', HORIZONS)],
  plan_items: [f('name', 'text', undefined, true), f('category', 'one', CATEGORIES), f('dose', 'text', undefined, true), refs('goals', 'goals'), refs('problems', 'problems'), f('horizon', 'one', HORIZONS), f('technique', 'one', TECHNIQUES),
    f('technique_goal', 'one', ['tension', 'joint_mobility', 'pain']), f('region'), f('aim', 'one', ['strength', 'endurance', 'mobility', 'tension', 'motor_control']), f('modality', 'one', ['aerobic', 'strength']), f('mechanism', 'many', MECHANISMS, true)],
  care_team_members: [f('name'), f('kind', 'one', ['neurologist', 'pcp', 'dentist', 'psychologist', 'other']), f('practice'), f('prescribes', 'yes')],
  referrals: [f('referrer'), f('reason', 'one', ['neck_pain_with_migraine', 'migraine', 'tension_type_headache', 'tmd', 'other']), f('dated_on', 'day')],
  certifications: [f('path', 'one', ['signature', 'verbal', 'order_exception']), f('signed_on', 'day'), f('verbal_on', 'day'), f('ordered_on', 'day'), f('sent_on', 'day'), f('proof'), f('from_day', 'day')],
}

/** What a new row begins with; `today` stands for the clinic's day. */
export const FRESH: Record<string, Record<string, unknown>> = {
  headache_diagnoses: { type: 'migraine_without_aura' },
  problems: { domain: 'musculoskeletal', positive: true },
  goals: { domain: 'frequency', metric: 'MHD28', direction: 'lower', horizon: 'long' },
  plan_items: { category: 'exercise_condition_specific' },
  care_team_members: { kind: 'neurologist', prescribes: true },
  referrals: { reason: 'neck_pain_with_migraine', dated_on: 'today' },
  certifications: { path: 'signature' },
}
/** Tables whose rows must have a name from the beginning: it is asked for first. */
export const NAMED: Record<string, string> = { problems: 'name', plan_items: 'name', care_team_members: 'name', referrals: 'referrer' }
/** Of a hands-on item the technique and what it is for stand in front (S-46). */
export const HANDS = ['technique', 'technique_goal', 'region']
/** Fields whose rest is behind a fold: filled in seldom. */
export const SELDOM: Record<string, readonly string[]> = { plan_items: ['technique', 'technique_goal', 'region', 'aim', 'modality', 'mechanism', 'horizon'], goals: ['source', 'baseline_on', 'horizon'], impairments: ['region', 'side', 'severity', 'note'] }
