-- What carga and personal tell of port calls. None refers to its call: what is told of a call that is not
-- known here, as after a restored backup, waits for it.

CREATE TABLE cargo_progress (
  port_call_id uuid NOT NULL,
  list text NOT NULL CHECK (list IN ('LOAD', 'DISCHARGE')),
  total integer NOT NULL CHECK (total >= 0),
  done integer CHECK (done >= 0),
  size20 integer CHECK (size20 >= 0),
  size40 integer CHECK (size40 >= 0),
  size45 integer CHECK (size45 >= 0),
  laden integer CHECK (laden >= 0),
  reefers integer CHECK (reefers >= 0),
  finished_at timestamptz(3),
  forecast_at timestamptz(3),
  progressed_at timestamptz(3),
  PRIMARY KEY (port_call_id, list)
);

CREATE TABLE crew_shift (
  id uuid PRIMARY KEY,
  port_call_id uuid NOT NULL,
  service_order_id uuid,
  kind_of_work text NOT NULL,
  provider_organization text,
  starts_at timestamptz(3) NOT NULL,
  ends_at timestamptz(3) NOT NULL,
  state text NOT NULL CHECK (state IN ('PUBLISHED', 'RUNNING', 'CLOSED', 'CANCELLED')),
  positions integer CHECK (positions >= 0),
  told_at timestamptz(3) NOT NULL
);
CREATE INDEX crew_shift_port_call_id_starts_at_id_idx ON crew_shift (port_call_id, starts_at, id);

-- No employee stands here: an assignment's id says nothing outside of personal.
CREATE TABLE crew_assignment (
  id uuid PRIMARY KEY,
  shift_id uuid NOT NULL,
  withdrawn_at timestamptz(3)
);
CREATE INDEX crew_assignment_shift_id_idx ON crew_assignment (shift_id);

CREATE TABLE port_call_news (
  id uuid PRIMARY KEY,
  port_call_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('CARGO', 'CREW')),
  action text NOT NULL,
  about text NOT NULL,
  about_id uuid,
  provider_organization text,
  told_by text NOT NULL,
  happened_at timestamptz(3) NOT NULL,
  recorded_at timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX port_call_news_port_call_id_happened_at_id_idx
  ON port_call_news (port_call_id, happened_at, id);
CREATE INDEX port_call_news_about_id_happened_at_id_idx
  ON port_call_news (about_id, happened_at, id);
