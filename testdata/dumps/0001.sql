CREATE FUNCTION public.ledger_is_kept() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  raise exception 'the ledger is only written at its end';
end $$;
CREATE TABLE public.account_links (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    account_id bigint,
    purpose text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT account_links_purpose_check CHECK ((purpose = ANY (ARRAY['confirm'::text, 'reset'::text])))
);
CREATE TABLE public.accounts (
    id bigint NOT NULL,
    role text DEFAULT 'fan'::text NOT NULL,
    name text NOT NULL,
    email text NOT NULL,
    cpf text,
    password_hash text NOT NULL,
    language text DEFAULT 'pt-BR'::text NOT NULL,
    confirmed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT accounts_cpf_check CHECK ((cpf ~ '^[0-9]{11}$'::text)),
    CONSTRAINT accounts_email_check CHECK ((email = lower(email))),
    CONSTRAINT accounts_name_check CHECK ((name <> ''::text)),
    CONSTRAINT accounts_role_check CHECK ((role = ANY (ARRAY['fan'::text, 'staff'::text, 'admin'::text])))
);
ALTER TABLE public.accounts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.accounts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.admin_log (
    id bigint NOT NULL,
    account_id bigint NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
);
ALTER TABLE public.admin_log ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.admin_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.capacity_changes (
    id bigint NOT NULL,
    ticket_type_id bigint NOT NULL,
    account_id bigint,
    capacity integer NOT NULL,
    outcome text DEFAULT 'asked'::text NOT NULL,
    asked_at timestamp with time zone DEFAULT now() NOT NULL,
    settled_at timestamp with time zone,
    CONSTRAINT capacity_changes_capacity_check CHECK (((capacity >= 0) AND (capacity <= 10000000))),
    CONSTRAINT capacity_changes_outcome_check CHECK ((outcome = ANY (ARRAY['asked'::text, 'done'::text, 'refused'::text])))
);
ALTER TABLE public.capacity_changes ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.capacity_changes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.charges (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    order_id uuid NOT NULL,
    gateway text NOT NULL,
    method text DEFAULT ''::text NOT NULL,
    gateway_id text,
    status text DEFAULT 'new'::text NOT NULL,
    amount_cents bigint NOT NULL,
    currency text NOT NULL,
    pending boolean DEFAULT false NOT NULL,
    paid_cents bigint,
    pay_url text DEFAULT ''::text NOT NULL,
    pix_code text DEFAULT ''::text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    looks integer DEFAULT 0 NOT NULL,
    next_look_at timestamp with time zone DEFAULT (now() + '00:00:30'::interval) NOT NULL,
    settled_at timestamp with time zone,
    CONSTRAINT charges_amount_cents_check CHECK ((amount_cents > 0)),
    CONSTRAINT charges_paid CHECK (((status = ANY (ARRAY['captured'::text, 'late'::text, 'surplus'::text])) = (paid_cents IS NOT NULL))),
    CONSTRAINT charges_paid_cents_check CHECK ((paid_cents > 0)),
    CONSTRAINT charges_status_check CHECK ((status = ANY (ARRAY['new'::text, 'open'::text, 'captured'::text, 'late'::text, 'surplus'::text, 'failed'::text, 'cancelled'::text, 'abandoned'::text])))
);
CREATE TABLE public.events (
    id bigint NOT NULL,
    slug text NOT NULL,
    name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    venue text DEFAULT ''::text NOT NULL,
    city text DEFAULT ''::text NOT NULL,
    time_zone text DEFAULT 'America/Sao_Paulo'::text NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    sale_starts_at timestamp with time zone NOT NULL,
    sale_ends_at timestamp with time zone NOT NULL,
    status text DEFAULT 'draft'::text NOT NULL,
    currency text DEFAULT 'BRL'::text NOT NULL,
    per_person integer DEFAULT 4 NOT NULL,
    hold_seconds integer DEFAULT 600 NOT NULL,
    extend_seconds integer DEFAULT 300 NOT NULL,
    retry_seconds integer DEFAULT 120 NOT NULL,
    retry_most integer DEFAULT 600 NOT NULL,
    outage_most integer DEFAULT 900 NOT NULL,
    refund_days integer DEFAULT 7 NOT NULL,
    refund_hours integer DEFAULT 48 NOT NULL,
    refund_fee boolean DEFAULT true NOT NULL,
    paused boolean DEFAULT false NOT NULL,
    cancelled_at timestamp with time zone,
    settled_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT events_cancelled CHECK (((status = 'cancelled'::text) = (cancelled_at IS NOT NULL))),
    CONSTRAINT events_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT events_extend_seconds_check CHECK (((extend_seconds >= 0) AND (extend_seconds <= 86400))),
    CONSTRAINT events_hold_seconds_check CHECK (((hold_seconds >= 1) AND (hold_seconds <= 604800))),
    CONSTRAINT events_name_check CHECK ((name <> ''::text)),
    CONSTRAINT events_outage_most_check CHECK (((outage_most >= 0) AND (outage_most <= 86400))),
    CONSTRAINT events_per_person_check CHECK (((per_person >= 1) AND (per_person <= 100))),
    CONSTRAINT events_refund_days_check CHECK (((refund_days >= 0) AND (refund_days <= 3650))),
    CONSTRAINT events_refund_hours_check CHECK (((refund_hours >= 0) AND (refund_hours <= 87600))),
    CONSTRAINT events_retry_most_check CHECK (((retry_most >= 0) AND (retry_most <= 86400))),
    CONSTRAINT events_retry_seconds_check CHECK (((retry_seconds >= 0) AND (retry_seconds <= 86400))),
    CONSTRAINT events_sale_window CHECK ((sale_ends_at > sale_starts_at)),
    CONSTRAINT events_slug_check CHECK ((slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'::text)),
    CONSTRAINT events_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'published'::text, 'cancelled'::text])))
);
ALTER TABLE public.events ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.generator (
    single boolean DEFAULT true NOT NULL,
    epoch bigint DEFAULT 0 NOT NULL,
    since timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT generator_single_check CHECK (single)
);
CREATE TABLE public.goose_db_version (
    id integer NOT NULL,
    version_id bigint NOT NULL,
    is_applied boolean NOT NULL,
    tstamp timestamp without time zone DEFAULT now() NOT NULL
);
ALTER TABLE public.goose_db_version ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.goose_db_version_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.ledger (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    event_id bigint NOT NULL,
    order_id uuid NOT NULL,
    gateway text NOT NULL,
    charge_id uuid NOT NULL,
    refund_id uuid,
    kind text NOT NULL,
    amount_cents bigint NOT NULL,
    currency text NOT NULL,
    CONSTRAINT ledger_amount_cents_check CHECK ((amount_cents > 0)),
    CONSTRAINT ledger_kind_check CHECK ((kind = ANY (ARRAY['captured'::text, 'fee'::text, 'refund_owed'::text, 'fee_returned'::text, 'refund_sent'::text]))),
    CONSTRAINT ledger_refund CHECK (((refund_id IS NOT NULL) = (kind = ANY (ARRAY['refund_owed'::text, 'fee_returned'::text, 'refund_sent'::text]))))
);
ALTER TABLE public.ledger ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.ledger_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.letters (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    kind text NOT NULL,
    subject uuid NOT NULL,
    account_id bigint,
    status text DEFAULT 'owed'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    owed_at timestamp with time zone DEFAULT now() NOT NULL,
    next_try_at timestamp with time zone DEFAULT now() NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT letters_ended CHECK (((status = 'owed'::text) = (ended_at IS NULL))),
    CONSTRAINT letters_kind_check CHECK ((kind = ANY (ARRAY['confirm'::text, 'reset'::text, 'hold_ending'::text, 'given'::text, 'paid'::text, 'late_paid'::text, 'expired'::text, 'surplus'::text, 'refunded'::text, 'cancelled'::text]))),
    CONSTRAINT letters_status_check CHECK ((status = ANY (ARRAY['owed'::text, 'sent'::text, 'failed'::text, 'moot'::text])))
);
CREATE TABLE public.lines (
    event_id bigint NOT NULL,
    last_number bigint DEFAULT 0 NOT NULL,
    last_decision bigint DEFAULT 0 NOT NULL,
    last_ticket bigint DEFAULT 0 NOT NULL,
    opened boolean DEFAULT false NOT NULL,
    unsettled boolean DEFAULT false NOT NULL,
    CONSTRAINT lines_last_decision_check CHECK ((last_decision >= 0)),
    CONSTRAINT lines_last_number_check CHECK ((last_number >= 0)),
    CONSTRAINT lines_last_ticket_check CHECK ((last_ticket >= 0))
);
CREATE TABLE public.lost_numbers (
    event_id bigint NOT NULL,
    first bigint NOT NULL,
    last bigint NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT lost_numbers_check CHECK ((first <= last))
);
CREATE TABLE public.notices (
    gateway text NOT NULL,
    event_id text NOT NULL,
    charge_id uuid,
    gateway_id text,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    handled_at timestamp with time zone,
    CONSTRAINT notices_name_a_charge CHECK (((charge_id IS NOT NULL) OR (gateway_id IS NOT NULL)))
);
CREATE TABLE public.orders (
    id uuid NOT NULL,
    event_id bigint NOT NULL,
    ticket_type_id bigint NOT NULL,
    account_id bigint NOT NULL,
    number bigint NOT NULL,
    before bigint DEFAULT 0 NOT NULL,
    quantity integer NOT NULL,
    returned integer DEFAULT 0 NOT NULL,
    status text NOT NULL,
    decision bigint,
    price_cents bigint NOT NULL,
    fee_cents bigint NOT NULL,
    amount_cents bigint GENERATED ALWAYS AS ((quantity * (price_cents + fee_cents))) STORED NOT NULL,
    currency text NOT NULL,
    per_person integer NOT NULL,
    hold_seconds integer NOT NULL,
    refund_days integer NOT NULL,
    refund_hours integer NOT NULL,
    refund_fee boolean NOT NULL,
    keep boolean DEFAULT false NOT NULL,
    accepted_at timestamp with time zone NOT NULL,
    waited_at timestamp with time zone,
    decided_at timestamp with time zone,
    reserved_until timestamp with time zone,
    extended boolean DEFAULT false NOT NULL,
    retry_extra integer DEFAULT 0 NOT NULL,
    outage_extra integer DEFAULT 0 NOT NULL,
    late_at timestamp with time zone,
    paid_at timestamp with time zone,
    ended_at timestamp with time zone,
    CONSTRAINT orders_fee_cents_check CHECK ((fee_cents >= 0)),
    CONSTRAINT orders_hold_has_deadline CHECK (((status <> 'reserved'::text) OR (reserved_until IS NOT NULL))),
    CONSTRAINT orders_number_check CHECK ((number > 0)),
    CONSTRAINT orders_outage_extra_check CHECK ((outage_extra >= 0)),
    CONSTRAINT orders_paid_has_time CHECK (((status <> ALL (ARRAY['paid'::text, 'refunded'::text])) OR (paid_at IS NOT NULL))),
    CONSTRAINT orders_price_cents_check CHECK ((price_cents >= 0)),
    CONSTRAINT orders_quantity_check CHECK (((quantity >= 1) AND (quantity <= 100))),
    CONSTRAINT orders_retry_extra_check CHECK ((retry_extra >= 0)),
    CONSTRAINT orders_returned CHECK (((returned >= 0) AND (returned <= quantity))),
    CONSTRAINT orders_status_check CHECK ((status = ANY (ARRAY['queued'::text, 'waiting'::text, 'reserved'::text, 'paid'::text, 'refunded'::text, 'sold_out'::text, 'over_limit'::text, 'left'::text, 'expired'::text, 'cancelled'::text])))
);
CREATE TABLE public.outages (
    id bigint NOT NULL,
    gateway text NOT NULL,
    began_at timestamp with time zone DEFAULT now() NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT outages_check CHECK ((ended_at >= began_at))
);
ALTER TABLE public.outages ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.outages_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.refunds (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    order_id uuid NOT NULL,
    charge_id uuid,
    reason text NOT NULL,
    account_id bigint,
    note text DEFAULT ''::text NOT NULL,
    quantity integer NOT NULL,
    amount_cents bigint NOT NULL,
    fee_cents bigint DEFAULT 0 NOT NULL,
    status text DEFAULT 'owed'::text NOT NULL,
    asked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    released_at timestamp with time zone,
    attempts integer DEFAULT 0 NOT NULL,
    next_try_at timestamp with time zone DEFAULT now() NOT NULL,
    done_at timestamp with time zone,
    gateway_id text,
    CONSTRAINT refunds_amount_cents_check CHECK ((amount_cents >= 0)),
    CONSTRAINT refunds_check CHECK (((fee_cents >= 0) AND (fee_cents <= amount_cents))),
    CONSTRAINT refunds_owed_has_charge CHECK (((amount_cents = 0) OR (charge_id IS NOT NULL))),
    CONSTRAINT refunds_quantity_check CHECK (((quantity >= 0) AND (quantity <= 100))),
    CONSTRAINT refunds_reason_check CHECK ((reason = ANY (ARRAY['fan'::text, 'admin'::text, 'surplus'::text, 'cancelled'::text]))),
    CONSTRAINT refunds_status_check CHECK ((status = ANY (ARRAY['owed'::text, 'done'::text, 'refused'::text])))
);
CREATE TABLE public.stock (
    ticket_type_id bigint NOT NULL,
    capacity integer DEFAULT 0 NOT NULL,
    taken integer DEFAULT 0 NOT NULL,
    CONSTRAINT stock_never_oversold CHECK (((taken >= 0) AND (taken <= capacity)))
);
CREATE TABLE public.ticket_types (
    id bigint NOT NULL,
    event_id bigint NOT NULL,
    name text NOT NULL,
    description text DEFAULT ''::text NOT NULL,
    "position" integer DEFAULT 0 NOT NULL,
    price_cents bigint NOT NULL,
    fee_cents bigint DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ticket_types_fee_cents_check CHECK (((fee_cents >= 0) AND (fee_cents <= 100000000))),
    CONSTRAINT ticket_types_name_check CHECK ((name <> ''::text)),
    CONSTRAINT ticket_types_price_cents_check CHECK (((price_cents >= 0) AND (price_cents <= 100000000)))
);
ALTER TABLE public.ticket_types ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.ticket_types_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.tickets (
    id bigint NOT NULL,
    event_id bigint NOT NULL,
    order_id uuid NOT NULL,
    ticket_type_id bigint NOT NULL,
    account_id bigint NOT NULL,
    number bigint NOT NULL,
    status text NOT NULL,
    refund_id uuid,
    CONSTRAINT tickets_number_check CHECK ((number > 0)),
    CONSTRAINT tickets_status_check CHECK ((status = ANY (ARRAY['reserved'::text, 'valid'::text, 'used'::text, 'void'::text])))
);
ALTER TABLE public.tickets ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.tickets_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
INSERT INTO public.account_links VALUES
	('bc37d215-c916-4abf-943b-fe6266f67e88', 2, 'confirm', '2026-11-25 10:49:14.43417+00', '2026-12-02 10:49:14.43417+00', NULL),
	('c2eea0a8-9024-414e-8a5e-f09e5766ddf6', 3, 'confirm', '2026-11-25 10:49:14.480189+00', '2026-12-02 10:49:14.480189+00', NULL),
	('2ef64e30-d864-4b6d-ba23-13ee54c3d775', 4, 'confirm', '2026-11-25 10:49:14.557371+00', '2026-12-02 10:49:14.557371+00', NULL),
	('efa92b66-123b-456d-aea2-9cbe61d80d9f', 5, 'confirm', '2026-11-25 10:49:14.607219+00', '2026-12-02 10:49:14.607219+00', NULL),
	('c8df0dca-9476-41b1-9ba3-6a20b3d6472a', 6, 'confirm', '2026-11-25 10:49:14.670295+00', '2026-12-02 10:49:14.670295+00', NULL),
	('45ed8e72-bedc-4824-9a20-0e46aa235692', 7, 'confirm', '2026-11-25 10:49:14.694427+00', '2026-12-02 10:49:14.694427+00', NULL),
	('f49b5ce7-7a01-4454-bcb8-8a7057aca9f1', 8, 'confirm', '2026-11-25 10:49:14.729234+00', '2026-12-02 10:49:14.729234+00', NULL),
	('94923b99-f364-4c1d-b372-e79c763b5c59', 9, 'confirm', '2026-11-25 10:49:14.803522+00', '2026-12-02 10:49:14.803522+00', NULL),
	('9209d0d8-59da-47c2-a98e-4a8a0f0cdfaf', 10, 'confirm', '2026-11-25 10:49:14.831561+00', '2026-12-02 10:49:14.831561+00', NULL),
	('78770231-019e-48a7-a476-fe53593db8a4', 11, 'confirm', '2026-11-25 10:49:14.861781+00', '2026-12-02 10:49:14.861781+00', NULL),
	('fde71822-a91c-4f38-894d-8e2c93286f7e', 12, 'confirm', '2026-11-25 10:49:15.000681+00', '2026-12-02 10:49:15.000681+00', NULL),
	('01c7b877-436a-482d-8251-aa59d0caaa90', 13, 'confirm', '2026-11-25 10:49:15.025385+00', '2026-12-02 10:49:15.025385+00', NULL),
	('9c40498e-7aab-41cd-aa89-8bd4205f1fc1', 14, 'confirm', '2026-11-25 10:49:15.099234+00', '2026-12-02 10:49:15.099234+00', NULL),
	('963ae5f8-a5c5-41dc-ab51-0c08bf1632c4', 15, 'confirm', '2026-11-25 10:49:15.139241+00', '2026-12-02 10:49:15.139241+00', NULL),
	('cf306b11-2680-4599-a738-f404d744fa25', 16, 'confirm', '2026-11-25 10:49:15.154342+00', '2026-12-02 10:49:15.154342+00', NULL),
	('35402f4a-41b9-4875-ad4b-209be78c40a7', 17, 'confirm', '2026-11-25 10:49:15.177425+00', '2026-12-02 10:49:15.177425+00', NULL),
	('efc59d6d-97ab-4520-aabe-fcf851da8894', 18, 'confirm', '2026-11-25 10:49:15.216146+00', '2026-12-02 10:49:15.216146+00', NULL),
	('79a3b8ed-95a2-4a37-a36a-39fbf9f12b09', 19, 'confirm', '2026-11-25 10:49:15.241873+00', '2026-12-02 10:49:15.241873+00', NULL),
	('37463e2f-11f1-43e6-953e-ff5d12381244', 20, 'confirm', '2026-11-25 10:49:16.291206+00', '2026-12-02 10:49:16.291206+00', NULL),
	('102dd82b-d40b-4261-9dfb-56872c363a13', 21, 'confirm', '2026-11-25 10:49:17.342179+00', '2026-12-02 10:49:17.342179+00', NULL),
	('3cf60f85-884c-490c-90e4-cca6ecf2c72c', 22, 'confirm', '2026-11-25 10:49:18.387036+00', '2026-12-02 10:49:18.387036+00', NULL),
	('3895f4ce-1f43-4d0f-8b7b-0ac982734766', 23, 'confirm', '2026-11-25 10:49:19.434335+00', '2026-12-02 10:49:19.434335+00', NULL),
	('f2380d54-ce22-4db0-a2ba-f989f9ece5ba', 24, 'confirm', '2026-11-25 10:49:19.461369+00', '2026-12-02 10:49:19.461369+00', NULL),
	('e37dbc48-49cb-4d47-b1f8-30bd6981d5ec', 25, 'confirm', '2026-11-25 10:49:19.517855+00', '2026-12-02 10:49:19.517855+00', NULL),
	('4e2e7b43-da99-4c49-93bc-b9e3b5967b54', 26, 'confirm', '2026-11-25 10:49:19.561415+00', '2026-12-02 10:49:19.561415+00', NULL),
	('f4f6d3e1-13b7-4ac3-bde6-bb8dcf5c5da1', 27, 'confirm', '2026-11-25 10:49:19.587498+00', '2026-12-02 10:49:19.587498+00', NULL),
	('b7f99f33-62c7-485f-b608-49a9c8236cc5', 28, 'confirm', '2026-11-25 10:49:19.716075+00', '2026-12-02 10:49:19.716075+00', '2026-11-25 10:49:19.72154+00'),
	('ab23e542-686c-4ce9-a7de-ee8570c9af2e', 28, 'confirm', '2026-11-25 10:49:19.716799+00', '2026-12-02 10:49:19.716799+00', '2026-11-25 10:49:19.72154+00'),
	('f15971c0-50e5-4c05-94b8-bdd85a40572c', 28, 'reset', '2026-11-25 10:49:19.723628+00', '2026-11-25 11:49:19.723628+00', NULL),
	('a53ce385-bdb9-4cf6-a8be-13e2919b8031', NULL, 'reset', '2026-11-25 10:49:19.724183+00', '2026-11-25 11:49:19.724183+00', NULL),
	('6549ab99-75ad-44c3-b81d-c310598884ef', 29, 'confirm', '2026-11-25 10:49:19.869647+00', '2026-12-02 10:49:19.869647+00', NULL);
INSERT INTO public.accounts OVERRIDING SYSTEM VALUE VALUES
	(1, 'admin', 'Ana Guichê', 'admin@guiche.test', NULL, '$argon2id$v=19$m=19456,t=2,p=1$rUWvsgg1HNTUa57BeoF41w$TtatcxxF51Nb6qEetMtYHTtG4wZ2ctOUikOriDPAsUM', 'pt-BR', NULL, '2026-11-25 10:49:14.264683+00'),
	(2, 'fan', 'Bia Torcedora', 'paid@guiche.test', NULL, '$argon2id$v=19$m=19456,t=2,p=1$rUWvsgg1HNTUa57BeoF41w$TtatcxxF51Nb6qEetMtYHTtG4wZ2ctOUikOriDPAsUM', 'pt-BR', NULL, '2026-11-25 10:49:14.43417+00'),
	(3, 'fan', 'Bia Torcedora', 'refunded@guiche.test', NULL, '$argon2id$v=19$m=19456,t=2,p=1$rUWvsgg1HNTUa57BeoF41w$TtatcxxF51Nb6qEetMtYHTtG4wZ2ctOUikOriDPAsUM', 'pt-BR', NULL, '2026-11-25 10:49:14.480189+00'),
	(4, 'fan', 'Bia Torcedora', 'partly@guiche.test', NULL, '$argon2id$v=19$m=19456,t=2,p=1$rUWvsgg1HNTUa57BeoF41w$TtatcxxF51Nb6qEetMtYHTtG4wZ2ctOUikOriDPAsUM', 'pt-BR', NULL, '2026-11-25 10:49:14.557371+00'),
	(5, 'fan', 'Bia Torcedora', 'refused@guiche.test', NULL, '$argon2id$v=19$m=19456,t=2,p=1$rUWvsgg1HNTUa57BeoF41w$TtatcxxF51Nb6qEetMtYHTtG4wZ2ctOUikOriDPAsUM', 'pt-BR', NULL, '2026-11-25 10:49:14.607219+00'),
	(6, 'fan', 'Bia Torcedora', 'pending@guiche.test', NULL, '$argon2id$v=19$m=19456,t=2,p=1$rUWvsgg1HNTUa57BeoF41w$TtatcxxF51Nb6qEetMtYHTtG4wZ2ctOUikOriDPAsUM', 'pt-BR', NULL, '2026-11-25 10:49:14.670295+00'),
	(7, 'fan', 'Bia Torcedora', 'extended@guiche.test', NULL, '$argon2id$v=19$m=19456,t=2,p=1$rUWvsgg1HNTUa57BeoF41w$TtatcxxF51Nb6qEetMtYHTtG4wZ2ctOUikOriDPAsUM', 'pt-BR', NULL, '2026-11-25 10:49:14.694427+00'),
	(8, 'fan', 'Bia Torcedora', 'leaver@guiche.test', NULL, '$argon2id$v=19$m=19456,t=2,p=1$rUWvsgg1HNTUa57BeoF41w$TtatcxxF51Nb6qEetMtYHTtG4wZ2ctOUikOriDPAsUM', 'pt-BR', NULL, '2026-11-25 10:49:14.729234+00'),
	(9, 'fan', 'Bia Torcedora', 'goodwill@guiche.test', NULL, '$argon2id$v=19$m=19456,t=2,p=1$rUWvsgg1HNTUa57BeoF41w$TtatcxxF51Nb6qEetMtYHTtG4wZ2ctOUikOriDPAsUM', 'pt-BR', NULL, '2026-11-25 10:49:14.803522+00'),
	(10, 'fan', 'Bia Torcedora', 'given@guiche.test', NULL, '$argon2id$v=19$m=19456,t=2,p=1$rUWvsgg1HNTUa57BeoF41w$TtatcxxF51Nb6qEetMtYHTtG4wZ2ctOUikOriDPAsUM', 'pt-BR', NULL, '2026-11-25 10:49:14.831561+00'),
	(11, 'fan', 'Bia Torcedora', 'kept@guiche.test', NULL, '$argon2id$v=19$m=19456,t=2,p=1$rUWvsgg1HNTUa57BeoF41w$TtatcxxF51Nb6qEetMtYHTtG4wZ2ctOUikOriDPAsUM', 'pt-BR', NULL, '2026-11-25 10:49:14.861781+00'),
	(12, 'fan', 'Bia Torcedora', 'waiting@guiche.test', NULL, '$argon2id$v=19$m=19456,t=2,p=1$rUWvsgg1HNTUa57BeoF41w$TtatcxxF51Nb6qEetMtYHTtG4wZ2ctOUikOriDPAsUM', 'pt-BR', NULL, '2026-11-25 10:49:15.000681+00'),
	(13, 'fan', 'Bia Torcedora', 'gone@guiche.test', NULL, '$argon2id$v=19$m=19456,t=2,p=1$rUWvsgg1HNTUa57BeoF41w$TtatcxxF51Nb6qEetMtYHTtG4wZ2ctOUikOriDPAsUM', 'pt-BR', NULL, '2026-11-25 10:49:15.025385+00'),
	(14, 'fan', 'Bia Torcedora', 'noticed@guiche.test', NULL, '$argon2id$v=19$m=19456,t=2,p=1$rUWvsgg1HNTUa57BeoF41w$TtatcxxF51Nb6qEetMtYHTtG4wZ2ctOUikOriDPAsUM', 'pt-BR', NULL, '2026-11-25 10:49:15.099234+00'),
	(15, 'fan', 'Bia Torcedora', 'free@guiche.test', NULL, '$argon2id$v=19$m=19456,t=2,p=1$rUWvsgg1HNTUa57BeoF41w$TtatcxxF51Nb6qEetMtYHTtG4wZ2ctOUikOriDPAsUM', 'pt-BR', NULL, '2026-11-25 10:49:15.139241+00'),
	(16, 'fan', 'Bia Torcedora', 'too-late@guiche.test', NULL, '$argon2id$v=19$m=19456,t=2,p=1$rUWvsgg1HNTUa57BeoF41w$TtatcxxF51Nb6qEetMtYHTtG4wZ2ctOUikOriDPAsUM', 'pt-BR', NULL, '2026-11-25 10:49:15.154342+00'),
	(17, 'fan', 'Bia Torcedora', 'outage@guiche.test', NULL, '$argon2id$v=19$m=19456,t=2,p=1$rUWvsgg1HNTUa57BeoF41w$TtatcxxF51Nb6qEetMtYHTtG4wZ2ctOUikOriDPAsUM', 'pt-BR', NULL, '2026-11-25 10:49:15.177425+00'),
	(18, 'fan', 'Bia Torcedora', 'declined@guiche.test', NULL, '$argon2id$v=19$m=19456,t=2,p=1$rUWvsgg1HNTUa57BeoF41w$TtatcxxF51Nb6qEetMtYHTtG4wZ2ctOUikOriDPAsUM', 'pt-BR', NULL, '2026-11-25 10:49:15.216146+00'),
	(19, 'fan', 'Bia Torcedora', 'expired@guiche.test', NULL, '$argon2id$v=19$m=19456,t=2,p=1$rUWvsgg1HNTUa57BeoF41w$TtatcxxF51Nb6qEetMtYHTtG4wZ2ctOUikOriDPAsUM', 'pt-BR', NULL, '2026-11-25 10:49:15.241873+00'),
	(20, 'fan', 'Bia Torcedora', 'late@guiche.test', NULL, '$argon2id$v=19$m=19456,t=2,p=1$rUWvsgg1HNTUa57BeoF41w$TtatcxxF51Nb6qEetMtYHTtG4wZ2ctOUikOriDPAsUM', 'pt-BR', NULL, '2026-11-25 10:49:16.291206+00'),
	(21, 'fan', 'Bia Torcedora', 'surplus@guiche.test', NULL, '$argon2id$v=19$m=19456,t=2,p=1$rUWvsgg1HNTUa57BeoF41w$TtatcxxF51Nb6qEetMtYHTtG4wZ2ctOUikOriDPAsUM', 'pt-BR', NULL, '2026-11-25 10:49:17.342179+00'),
	(22, 'fan', 'Bia Torcedora', 'undecided@guiche.test', NULL, '$argon2id$v=19$m=19456,t=2,p=1$rUWvsgg1HNTUa57BeoF41w$TtatcxxF51Nb6qEetMtYHTtG4wZ2ctOUikOriDPAsUM', 'pt-BR', NULL, '2026-11-25 10:49:18.387036+00'),
	(23, 'fan', 'Bia Torcedora', 'parked@guiche.test', NULL, '$argon2id$v=19$m=19456,t=2,p=1$rUWvsgg1HNTUa57BeoF41w$TtatcxxF51Nb6qEetMtYHTtG4wZ2ctOUikOriDPAsUM', 'pt-BR', NULL, '2026-11-25 10:49:19.434335+00'),
	(24, 'fan', 'Bia Torcedora', 'parked-and-left@guiche.test', NULL, '$argon2id$v=19$m=19456,t=2,p=1$rUWvsgg1HNTUa57BeoF41w$TtatcxxF51Nb6qEetMtYHTtG4wZ2ctOUikOriDPAsUM', 'pt-BR', NULL, '2026-11-25 10:49:19.461369+00'),
	(25, 'fan', 'Bia Torcedora', 'sent-back@guiche.test', NULL, '$argon2id$v=19$m=19456,t=2,p=1$rUWvsgg1HNTUa57BeoF41w$TtatcxxF51Nb6qEetMtYHTtG4wZ2ctOUikOriDPAsUM', 'pt-BR', NULL, '2026-11-25 10:49:19.517855+00'),
	(26, 'fan', 'Bia Torcedora', 'owed-back@guiche.test', NULL, '$argon2id$v=19$m=19456,t=2,p=1$rUWvsgg1HNTUa57BeoF41w$TtatcxxF51Nb6qEetMtYHTtG4wZ2ctOUikOriDPAsUM', 'pt-BR', NULL, '2026-11-25 10:49:19.561415+00'),
	(27, 'fan', 'Bia Torcedora', 'cancelled@guiche.test', NULL, '$argon2id$v=19$m=19456,t=2,p=1$rUWvsgg1HNTUa57BeoF41w$TtatcxxF51Nb6qEetMtYHTtG4wZ2ctOUikOriDPAsUM', 'pt-BR', NULL, '2026-11-25 10:49:19.587498+00'),
	(28, 'fan', 'Bia Torcedora', 'confirmed@guiche.test', NULL, '$argon2id$v=19$m=19456,t=2,p=1$rUWvsgg1HNTUa57BeoF41w$TtatcxxF51Nb6qEetMtYHTtG4wZ2ctOUikOriDPAsUM', 'pt-BR', '2026-11-25 10:49:19.72154+00', '2026-11-25 10:49:19.716075+00'),
	(29, 'fan', 'Bia Torcedora', 'later@guiche.test', NULL, '$argon2id$v=19$m=19456,t=2,p=1$rUWvsgg1HNTUa57BeoF41w$TtatcxxF51Nb6qEetMtYHTtG4wZ2ctOUikOriDPAsUM', 'pt-BR', NULL, '2026-11-25 10:49:19.869647+00');
INSERT INTO public.admin_log OVERRIDING SYSTEM VALUE VALUES
	(1, 1, 'order.refund', 'order 7f792577-974d-4188-9622-bfa306cc6b9a', '{"note": "O som falhou", "cents": 500, "refund": "06e38418-3680-4e28-8163-e0030c5f3176", "tickets": null}', '2026-11-25 10:49:14.82545+00'),
	(2, 1, 'event.pause', 'event 3', 'null', '2026-11-25 10:49:19.430682+00'),
	(3, 1, 'event.cancel', 'event 4', 'null', '2026-11-25 10:49:19.61137+00'),
	(4, 1, 'type.capacity', 'type 1', '{"capacity": 1}', '2026-11-25 10:49:19.688854+00'),
	(5, 1, 'type.capacity', 'type 2', '{"capacity": 30}', '2026-11-25 10:49:19.71444+00'),
	(6, 1, 'event.create', 'event 5', '{"ID": 5, "City": "Salvador", "Name": "rascunho", "Slug": "rascunho", "Types": null, "Venue": "Concha Acústica", "Paused": false, "Status": "draft", "Currency": "BRL", "StartsAt": "2100-02-01T12:00:00Z", "TimeZone": "America/Sao_Paulo", "CreatedAt": "2026-11-25T10:49:19.724686Z", "PerPerson": 4, "RefundFee": true, "RetryMost": 600, "SettledAt": "0001-01-01T00:00:00Z", "OutageMost": 900, "RefundDays": 7, "SaleEndsAt": "2100-01-01T12:00:00Z", "CancelledAt": "0001-01-01T00:00:00Z", "Description": "", "HoldSeconds": 600, "RefundHours": 48, "RetrySeconds": 120, "SaleStartsAt": "2026-11-25T09:49:19.72466Z", "ExtendSeconds": 300}', '2026-11-25 10:49:19.724686+00');
INSERT INTO public.capacity_changes OVERRIDING SYSTEM VALUE VALUES
	(1, 1, NULL, 9, 'done', '2026-11-25 10:49:14.284592+00', '2026-11-25 10:49:14.418577+00'),
	(2, 2, NULL, 8, 'done', '2026-11-25 10:49:14.310202+00', '2026-11-25 10:49:14.418577+00'),
	(3, 3, NULL, 5, 'done', '2026-11-25 10:49:15.121009+00', '2026-11-25 10:49:15.128346+00'),
	(4, 4, NULL, 1, 'done', '2026-11-25 10:49:15.123072+00', '2026-11-25 10:49:15.128346+00'),
	(5, 5, NULL, 5, 'done', '2026-11-25 10:49:18.367676+00', '2026-11-25 10:49:18.372826+00'),
	(6, 6, NULL, 4, 'done', '2026-11-25 10:49:19.502731+00', '2026-11-25 10:49:19.508702+00'),
	(7, 1, 1, 1, 'refused', '2026-11-25 10:49:19.688854+00', '2026-11-25 10:49:19.696905+00'),
	(8, 2, 1, 30, 'asked', '2026-11-25 10:49:19.71444+00', NULL);
INSERT INTO public.charges VALUES
	('384a0201-9f7a-4a96-b0ed-a86107f14202', '39badb21-3e91-4244-8458-ab0e589e2f12', 'sandbox', '', 'ch_384a0201-9f7a-4a96-b0ed-a86107f14202', 'failed', 33000, 'BRL', false, NULL, 'http://localhost:8081/pay/384a0201-9f7a-4a96-b0ed-a86107f14202', '00020126guiche', '2026-12-02 10:49:14.443575+00', '2026-11-25 10:49:14.46579+00', 0, '2026-11-25 10:50:14.469651+00', '2026-11-25 10:49:14.469651+00'),
	('13369d2f-602e-42ef-9909-090636ccb393', '39badb21-3e91-4244-8458-ab0e589e2f12', 'sandbox', '', 'ch_13369d2f-602e-42ef-9909-090636ccb393', 'captured', 33000, 'BRL', false, 33000, 'http://localhost:8081/pay/13369d2f-602e-42ef-9909-090636ccb393', '00020126guiche', '2026-12-02 10:49:14.443575+00', '2026-11-25 10:49:14.472199+00', 0, '2026-11-25 10:50:14.474815+00', '2026-11-25 10:49:14.474815+00'),
	('5138846b-c4dc-46bb-8bd8-81fd23fe987a', 'c91a0618-c67a-4e7c-972b-fddb636f67cf', 'sandbox', '', 'ch_5138846b-c4dc-46bb-8bd8-81fd23fe987a', 'captured', 16500, 'BRL', false, 16500, 'http://localhost:8081/pay/5138846b-c4dc-46bb-8bd8-81fd23fe987a', '00020126guiche', '2026-12-02 10:49:14.489114+00', '2026-11-25 10:49:14.507616+00', 0, '2026-11-25 10:50:14.510596+00', '2026-11-25 10:49:14.510596+00'),
	('d208a55b-cff9-4785-9fb2-d55aa4ad842b', '69c2c637-198c-4eb6-8cb5-1abbdb6931bd', 'sandbox', '', 'ch_d208a55b-cff9-4785-9fb2-d55aa4ad842b', 'captured', 33000, 'BRL', false, 33000, 'http://localhost:8081/pay/d208a55b-cff9-4785-9fb2-d55aa4ad842b', '00020126guiche', '2026-12-02 10:49:14.564536+00', '2026-11-25 10:49:14.581779+00', 0, '2026-11-25 10:50:14.584646+00', '2026-11-25 10:49:14.584646+00'),
	('ea973d9d-2bce-41e9-8d3d-6cd0f10d7685', '8142bf86-bc28-4ceb-bb7c-98e4ee0f98c5', 'sandbox', '', 'ch_ea973d9d-2bce-41e9-8d3d-6cd0f10d7685', 'captured', 16500, 'BRL', false, 16500, 'http://localhost:8081/pay/ea973d9d-2bce-41e9-8d3d-6cd0f10d7685', '00020126guiche', '2026-12-02 10:49:14.611649+00', '2026-11-25 10:49:14.621628+00', 0, '2026-11-25 10:50:14.624781+00', '2026-11-25 10:49:14.624781+00'),
	('4e3a8886-188d-40d7-a474-6601daa50f06', 'cbc01968-9e78-44b3-a78f-336a78cfd103', 'sandbox', '', 'ch_4e3a8886-188d-40d7-a474-6601daa50f06', 'open', 16500, 'BRL', true, NULL, 'http://localhost:8081/pay/4e3a8886-188d-40d7-a474-6601daa50f06', '00020126guiche', '2026-12-02 10:49:14.677896+00', '2026-11-25 10:49:14.689086+00', 0, '2026-11-25 10:49:44.689086+00', NULL),
	('c1138e66-795c-43d0-a2c1-6a9b79232007', '282bb9f0-974e-434a-a66d-8e334abeba32', 'sandbox', '', NULL, 'new', 16500, 'BRL', false, NULL, '', '', '2026-12-02 10:54:14.706916+00', '2026-11-25 10:49:14.722224+00', 0, '2026-11-25 10:49:44.722224+00', NULL),
	('165773bb-3268-4d29-98ce-a917c6ca125c', '39b5b512-35d1-4eb1-b9bf-5c17cc4e470f', 'sandbox', '', 'ch_165773bb-3268-4d29-98ce-a917c6ca125c', 'cancelled', 16500, 'BRL', false, NULL, 'http://localhost:8081/pay/165773bb-3268-4d29-98ce-a917c6ca125c', '00020126guiche', '2026-12-02 10:49:14.736962+00', '2026-11-25 10:49:14.75642+00', 0, '2026-11-25 10:50:14.776312+00', '2026-11-25 10:49:14.776312+00'),
	('eada5ed4-991b-463f-ab9e-d742f345dbcb', '7f792577-974d-4188-9622-bfa306cc6b9a', 'sandbox', '', 'ch_eada5ed4-991b-463f-ab9e-d742f345dbcb', 'captured', 49500, 'BRL', false, 49500, 'http://localhost:8081/pay/eada5ed4-991b-463f-ab9e-d742f345dbcb', '00020126guiche', '2026-12-02 10:49:14.81292+00', '2026-11-25 10:49:14.818872+00', 0, '2026-11-25 10:50:14.821674+00', '2026-11-25 10:49:14.821674+00'),
	('e8f3473d-2aad-4325-b3f7-5b9d90b814e9', '7b866f75-56c6-4e78-bb77-6802218f4d3f', 'sandbox', '', 'ch_e8f3473d-2aad-4325-b3f7-5b9d90b814e9', 'open', 35200, 'BRL', false, NULL, 'http://localhost:8081/pay/e8f3473d-2aad-4325-b3f7-5b9d90b814e9', '00020126guiche', '2026-12-02 10:49:15.105498+00', '2026-11-25 10:49:15.114235+00', 0, '2026-11-25 10:49:45.114235+00', NULL),
	('a05832da-9980-40a2-97ed-7e122fc5d620', '7a33598d-2fad-4b87-a098-b66d7ff992f7', 'sandbox', '', 'ch_a05832da-9980-40a2-97ed-7e122fc5d620', 'failed', 8800, 'BRL', false, NULL, 'http://localhost:8081/pay/a05832da-9980-40a2-97ed-7e122fc5d620', '00020126guiche', '2026-11-25 10:49:16.22436+00', '2026-11-25 10:49:15.234893+00', 0, '2026-11-25 10:50:15.238546+00', '2026-11-25 10:49:15.238546+00'),
	('2da3627a-1196-4d36-b24b-cadeb8f843b9', '0cb0b12a-5f72-4fb0-a8ac-021f1a4924cf', 'sandbox', '', 'ch_2da3627a-1196-4d36-b24b-cadeb8f843b9', 'abandoned', 8800, 'BRL', false, NULL, 'http://localhost:8081/pay/2da3627a-1196-4d36-b24b-cadeb8f843b9', '00020126guiche', '2026-11-25 10:49:16.248674+00', '2026-11-25 10:49:15.256737+00', 0, '2026-11-25 10:50:15.260382+00', '2026-11-25 10:49:15.260382+00'),
	('f16b4948-2de0-48a3-9159-e9be133efaa6', '8a63b93e-ce5e-4adb-804f-d3effcef2163', 'sandbox', '', 'ch_f16b4948-2de0-48a3-9159-e9be133efaa6', 'captured', 8800, 'BRL', false, 8800, 'http://localhost:8081/pay/f16b4948-2de0-48a3-9159-e9be133efaa6', '00020126guiche', '2026-11-25 10:49:17.300736+00', '2026-11-25 10:49:16.307345+00', 0, '2026-11-25 10:50:17.315786+00', '2026-11-25 10:49:17.315786+00'),
	('57b7a951-ef1a-44fb-ac60-471ae896c5f8', 'c8d1949d-2b98-43b4-9945-f86d22e2564f', 'sandbox', '', 'ch_57b7a951-ef1a-44fb-ac60-471ae896c5f8', 'surplus', 8800, 'BRL', false, 8799, 'http://localhost:8081/pay/57b7a951-ef1a-44fb-ac60-471ae896c5f8', '00020126guiche', '2026-11-25 10:49:18.347754+00', '2026-11-25 10:49:17.356464+00', 0, '2026-11-25 10:50:17.359612+00', '2026-11-25 10:49:17.359612+00'),
	('973ce60b-f779-49aa-8f4b-257ed92ed36d', '61c34627-5f15-438c-bc0f-b80394bda29c', 'sandbox', '', 'ch_973ce60b-f779-49aa-8f4b-257ed92ed36d', 'late', 5500, 'BRL', false, 5500, 'http://localhost:8081/pay/973ce60b-f779-49aa-8f4b-257ed92ed36d', '00020126guiche', '2026-11-25 10:49:19.392629+00', '2026-11-25 10:49:18.402814+00', 0, '2026-11-25 10:50:19.432031+00', '2026-11-25 10:49:19.432031+00'),
	('39a2ed8d-9f79-4d2a-89ea-6d249f71a5d4', '517f4b31-e6ff-40de-9269-d1d30ca3b89d', 'sandbox', '', 'ch_39a2ed8d-9f79-4d2a-89ea-6d249f71a5d4', 'captured', 9900, 'BRL', false, 9900, 'http://localhost:8081/pay/39a2ed8d-9f79-4d2a-89ea-6d249f71a5d4', '00020126guiche', '2026-12-02 10:49:19.536726+00', '2026-11-25 10:49:19.554168+00', 0, '2026-11-25 10:50:19.557368+00', '2026-11-25 10:49:19.557368+00'),
	('84c52508-97e0-4338-9483-4430670c1c1f', '3d12a964-994a-497f-9c8d-633dbe94550b', 'sandbox', '', 'ch_84c52508-97e0-4338-9483-4430670c1c1f', 'captured', 9900, 'BRL', false, 9900, 'http://localhost:8081/pay/84c52508-97e0-4338-9483-4430670c1c1f', '00020126guiche', '2026-12-02 10:49:19.566719+00', '2026-11-25 10:49:19.576225+00', 0, '2026-11-25 10:50:19.579673+00', '2026-11-25 10:49:19.579673+00');
INSERT INTO public.events OVERRIDING SYSTEM VALUE VALUES
	(1, 'festa-na-praia', 'festa-na-praia', '', 'Concha Acústica', 'Salvador', 'America/Sao_Paulo', '2100-02-01 12:00:00+00', '2026-11-25 09:49:14.267112+00', '2100-01-01 12:00:00+00', 'published', 'BRL', 4, 604800, 300, 120, 600, 900, 7, 48, true, false, NULL, NULL, '2026-11-25 10:49:14.274414+00'),
	(2, 'sarau-da-praca', 'sarau-da-praca', '', 'Concha Acústica', 'Salvador', 'America/Sao_Paulo', '2100-02-01 12:00:00+00', '2026-11-25 09:49:15.119843+00', '2100-01-01 12:00:00+00', 'published', 'BRL', 4, 1, 300, 120, 600, 900, 7, 48, true, false, NULL, NULL, '2026-11-25 10:49:15.119894+00'),
	(3, 'show-pausado', 'show-pausado', '', 'Concha Acústica', 'Salvador', 'America/Sao_Paulo', '2100-02-01 12:00:00+00', '2026-11-25 09:49:18.36655+00', '2100-01-01 12:00:00+00', 'published', 'BRL', 4, 1, 300, 120, 600, 900, 7, 48, true, true, NULL, NULL, '2026-11-25 10:49:18.366598+00'),
	(4, 'show-cancelado', 'show-cancelado', '', 'Concha Acústica', 'Salvador', 'America/Sao_Paulo', '2100-02-01 12:00:00+00', '2026-11-25 09:49:19.501694+00', '2100-01-01 12:00:00+00', 'cancelled', 'BRL', 4, 604800, 300, 120, 600, 900, 7, 48, true, false, '2026-11-25 10:49:19.61137+00', NULL, '2026-11-25 10:49:19.501734+00'),
	(5, 'rascunho', 'rascunho', '', 'Concha Acústica', 'Salvador', 'America/Sao_Paulo', '2100-02-01 12:00:00+00', '2026-11-25 09:49:19.72466+00', '2100-01-01 12:00:00+00', 'draft', 'BRL', 4, 600, 300, 120, 600, 900, 7, 48, true, false, NULL, NULL, '2026-11-25 10:49:19.724686+00');
INSERT INTO public.generator VALUES
	(true, 2, '2026-11-25 10:49:19.797079+00');
INSERT INTO public.goose_db_version VALUES
	(1, 0, true, '2026-11-25 10:28:43.429744'),
	(2, 1, true, '2026-11-25 10:28:43.439202');
INSERT INTO public.ledger OVERRIDING SYSTEM VALUE VALUES
	(1, '2026-11-25 10:49:14.474815+00', 1, '39badb21-3e91-4244-8458-ab0e589e2f12', 'sandbox', '13369d2f-602e-42ef-9909-090636ccb393', NULL, 'captured', 33000, 'BRL'),
	(2, '2026-11-25 10:49:14.474815+00', 1, '39badb21-3e91-4244-8458-ab0e589e2f12', 'sandbox', '13369d2f-602e-42ef-9909-090636ccb393', NULL, 'fee', 3000, 'BRL'),
	(3, '2026-11-25 10:49:14.510596+00', 1, 'c91a0618-c67a-4e7c-972b-fddb636f67cf', 'sandbox', '5138846b-c4dc-46bb-8bd8-81fd23fe987a', NULL, 'captured', 16500, 'BRL'),
	(4, '2026-11-25 10:49:14.510596+00', 1, 'c91a0618-c67a-4e7c-972b-fddb636f67cf', 'sandbox', '5138846b-c4dc-46bb-8bd8-81fd23fe987a', NULL, 'fee', 1500, 'BRL'),
	(5, '2026-11-25 10:49:14.516261+00', 1, 'c91a0618-c67a-4e7c-972b-fddb636f67cf', 'sandbox', '5138846b-c4dc-46bb-8bd8-81fd23fe987a', '935fba78-e2ed-4495-999f-88fb6a9d8bed', 'refund_owed', 16500, 'BRL'),
	(6, '2026-11-25 10:49:14.516261+00', 1, 'c91a0618-c67a-4e7c-972b-fddb636f67cf', 'sandbox', '5138846b-c4dc-46bb-8bd8-81fd23fe987a', '935fba78-e2ed-4495-999f-88fb6a9d8bed', 'fee_returned', 1500, 'BRL'),
	(7, '2026-11-25 10:49:14.551488+00', 1, 'c91a0618-c67a-4e7c-972b-fddb636f67cf', 'sandbox', '5138846b-c4dc-46bb-8bd8-81fd23fe987a', '935fba78-e2ed-4495-999f-88fb6a9d8bed', 'refund_sent', 16500, 'BRL'),
	(8, '2026-11-25 10:49:14.584646+00', 1, '69c2c637-198c-4eb6-8cb5-1abbdb6931bd', 'sandbox', 'd208a55b-cff9-4785-9fb2-d55aa4ad842b', NULL, 'captured', 33000, 'BRL'),
	(9, '2026-11-25 10:49:14.584646+00', 1, '69c2c637-198c-4eb6-8cb5-1abbdb6931bd', 'sandbox', 'd208a55b-cff9-4785-9fb2-d55aa4ad842b', NULL, 'fee', 3000, 'BRL'),
	(10, '2026-11-25 10:49:14.58991+00', 1, '69c2c637-198c-4eb6-8cb5-1abbdb6931bd', 'sandbox', 'd208a55b-cff9-4785-9fb2-d55aa4ad842b', '5a1f4cba-6188-4fa0-a491-3fabc236a455', 'refund_owed', 16500, 'BRL'),
	(11, '2026-11-25 10:49:14.58991+00', 1, '69c2c637-198c-4eb6-8cb5-1abbdb6931bd', 'sandbox', 'd208a55b-cff9-4785-9fb2-d55aa4ad842b', '5a1f4cba-6188-4fa0-a491-3fabc236a455', 'fee_returned', 1500, 'BRL'),
	(12, '2026-11-25 10:49:14.624781+00', 1, '8142bf86-bc28-4ceb-bb7c-98e4ee0f98c5', 'sandbox', 'ea973d9d-2bce-41e9-8d3d-6cd0f10d7685', NULL, 'captured', 16500, 'BRL'),
	(13, '2026-11-25 10:49:14.624781+00', 1, '8142bf86-bc28-4ceb-bb7c-98e4ee0f98c5', 'sandbox', 'ea973d9d-2bce-41e9-8d3d-6cd0f10d7685', NULL, 'fee', 1500, 'BRL'),
	(14, '2026-11-25 10:49:14.630161+00', 1, '8142bf86-bc28-4ceb-bb7c-98e4ee0f98c5', 'sandbox', 'ea973d9d-2bce-41e9-8d3d-6cd0f10d7685', 'bfb03c4f-9e77-4985-b8d2-5a2bfc2d0e6e', 'refund_owed', 16500, 'BRL'),
	(15, '2026-11-25 10:49:14.630161+00', 1, '8142bf86-bc28-4ceb-bb7c-98e4ee0f98c5', 'sandbox', 'ea973d9d-2bce-41e9-8d3d-6cd0f10d7685', 'bfb03c4f-9e77-4985-b8d2-5a2bfc2d0e6e', 'fee_returned', 1500, 'BRL'),
	(16, '2026-11-25 10:49:14.821674+00', 1, '7f792577-974d-4188-9622-bfa306cc6b9a', 'sandbox', 'eada5ed4-991b-463f-ab9e-d742f345dbcb', NULL, 'captured', 49500, 'BRL'),
	(17, '2026-11-25 10:49:14.821674+00', 1, '7f792577-974d-4188-9622-bfa306cc6b9a', 'sandbox', 'eada5ed4-991b-463f-ab9e-d742f345dbcb', NULL, 'fee', 4500, 'BRL'),
	(18, '2026-11-25 10:49:14.82545+00', 1, '7f792577-974d-4188-9622-bfa306cc6b9a', 'sandbox', 'eada5ed4-991b-463f-ab9e-d742f345dbcb', '06e38418-3680-4e28-8163-e0030c5f3176', 'refund_owed', 500, 'BRL'),
	(19, '2026-11-25 10:49:14.82969+00', 1, '7f792577-974d-4188-9622-bfa306cc6b9a', 'sandbox', 'eada5ed4-991b-463f-ab9e-d742f345dbcb', '06e38418-3680-4e28-8163-e0030c5f3176', 'refund_sent', 500, 'BRL'),
	(20, '2026-11-25 10:49:17.315786+00', 2, '8a63b93e-ce5e-4adb-804f-d3effcef2163', 'sandbox', 'f16b4948-2de0-48a3-9159-e9be133efaa6', NULL, 'captured', 8800, 'BRL'),
	(21, '2026-11-25 10:49:17.32499+00', 2, '8a63b93e-ce5e-4adb-804f-d3effcef2163', 'sandbox', 'f16b4948-2de0-48a3-9159-e9be133efaa6', NULL, 'fee', 800, 'BRL'),
	(22, '2026-11-25 10:49:17.359612+00', 2, 'c8d1949d-2b98-43b4-9945-f86d22e2564f', 'sandbox', '57b7a951-ef1a-44fb-ac60-471ae896c5f8', NULL, 'captured', 8799, 'BRL'),
	(23, '2026-11-25 10:49:17.359612+00', 2, 'c8d1949d-2b98-43b4-9945-f86d22e2564f', 'sandbox', '57b7a951-ef1a-44fb-ac60-471ae896c5f8', '3b724e62-4ce3-4be2-9388-2f53b2c5f6bd', 'refund_owed', 8799, 'BRL'),
	(24, '2026-11-25 10:49:19.432031+00', 3, '61c34627-5f15-438c-bc0f-b80394bda29c', 'sandbox', '973ce60b-f779-49aa-8f4b-257ed92ed36d', NULL, 'captured', 5500, 'BRL'),
	(25, '2026-11-25 10:49:19.557368+00', 4, '517f4b31-e6ff-40de-9269-d1d30ca3b89d', 'sandbox', '39a2ed8d-9f79-4d2a-89ea-6d249f71a5d4', NULL, 'captured', 9900, 'BRL'),
	(26, '2026-11-25 10:49:19.557368+00', 4, '517f4b31-e6ff-40de-9269-d1d30ca3b89d', 'sandbox', '39a2ed8d-9f79-4d2a-89ea-6d249f71a5d4', NULL, 'fee', 900, 'BRL'),
	(27, '2026-11-25 10:49:19.579673+00', 4, '3d12a964-994a-497f-9c8d-633dbe94550b', 'sandbox', '84c52508-97e0-4338-9483-4430670c1c1f', NULL, 'captured', 9900, 'BRL'),
	(28, '2026-11-25 10:49:19.579673+00', 4, '3d12a964-994a-497f-9c8d-633dbe94550b', 'sandbox', '84c52508-97e0-4338-9483-4430670c1c1f', NULL, 'fee', 900, 'BRL'),
	(29, '2026-11-25 10:49:19.646704+00', 4, '517f4b31-e6ff-40de-9269-d1d30ca3b89d', 'sandbox', '39a2ed8d-9f79-4d2a-89ea-6d249f71a5d4', 'e1a1700d-d686-485b-b0f4-a82fdcf6be31', 'refund_owed', 9900, 'BRL'),
	(30, '2026-11-25 10:49:19.646704+00', 4, '517f4b31-e6ff-40de-9269-d1d30ca3b89d', 'sandbox', '39a2ed8d-9f79-4d2a-89ea-6d249f71a5d4', 'e1a1700d-d686-485b-b0f4-a82fdcf6be31', 'fee_returned', 900, 'BRL'),
	(31, '2026-11-25 10:49:19.646704+00', 4, '3d12a964-994a-497f-9c8d-633dbe94550b', 'sandbox', '84c52508-97e0-4338-9483-4430670c1c1f', '387fd84f-810e-4b60-8b03-3dc9a2f5154d', 'refund_owed', 9900, 'BRL'),
	(32, '2026-11-25 10:49:19.646704+00', 4, '3d12a964-994a-497f-9c8d-633dbe94550b', 'sandbox', '84c52508-97e0-4338-9483-4430670c1c1f', '387fd84f-810e-4b60-8b03-3dc9a2f5154d', 'fee_returned', 900, 'BRL'),
	(33, '2026-11-25 10:49:19.687224+00', 4, '517f4b31-e6ff-40de-9269-d1d30ca3b89d', 'sandbox', '39a2ed8d-9f79-4d2a-89ea-6d249f71a5d4', 'e1a1700d-d686-485b-b0f4-a82fdcf6be31', 'refund_sent', 9900, 'BRL');
INSERT INTO public.letters VALUES
	('bff64a82-004d-412d-a818-7bcf2fa8b6a4', 'confirm', 'bc37d215-c916-4abf-943b-fe6266f67e88', 2, 'owed', 0, '2026-11-25 10:49:14.43417+00', '2026-11-25 10:49:14.43417+00', NULL),
	('b8b0335a-fc57-4464-bcda-c30419696fad', 'paid', '39badb21-3e91-4244-8458-ab0e589e2f12', 2, 'owed', 0, '2026-11-25 10:49:14.474815+00', '2026-11-25 10:49:14.474815+00', NULL),
	('9ae7c6c9-a20d-4ba2-ac2c-057c98615258', 'confirm', 'c2eea0a8-9024-414e-8a5e-f09e5766ddf6', 3, 'owed', 0, '2026-11-25 10:49:14.480189+00', '2026-11-25 10:49:14.480189+00', NULL),
	('adc43c23-c08d-4c47-a1af-20247a1847b0', 'paid', 'c91a0618-c67a-4e7c-972b-fddb636f67cf', 3, 'owed', 0, '2026-11-25 10:49:14.510596+00', '2026-11-25 10:49:14.510596+00', NULL),
	('6f456464-160d-4608-b1b9-89a6bc9ce7f7', 'refunded', '935fba78-e2ed-4495-999f-88fb6a9d8bed', 3, 'owed', 0, '2026-11-25 10:49:14.551488+00', '2026-11-25 10:49:14.551488+00', NULL),
	('eae69981-b0fc-4299-9e20-625bbeb724fb', 'confirm', '2ef64e30-d864-4b6d-ba23-13ee54c3d775', 4, 'owed', 0, '2026-11-25 10:49:14.557371+00', '2026-11-25 10:49:14.557371+00', NULL),
	('d37c3436-7777-44bb-a13f-9776cc4f2c58', 'paid', '69c2c637-198c-4eb6-8cb5-1abbdb6931bd', 4, 'owed', 0, '2026-11-25 10:49:14.584646+00', '2026-11-25 10:49:14.584646+00', NULL),
	('250595e3-746a-432b-85d3-cc5718f3335d', 'confirm', 'efa92b66-123b-456d-aea2-9cbe61d80d9f', 5, 'owed', 0, '2026-11-25 10:49:14.607219+00', '2026-11-25 10:49:14.607219+00', NULL),
	('52856196-4cf0-4a97-bcba-89e78bb4f4b8', 'paid', '8142bf86-bc28-4ceb-bb7c-98e4ee0f98c5', 5, 'owed', 0, '2026-11-25 10:49:14.624781+00', '2026-11-25 10:49:14.624781+00', NULL),
	('12afcf1a-5567-4daa-8e5f-673db0e14665', 'confirm', 'c8df0dca-9476-41b1-9ba3-6a20b3d6472a', 6, 'owed', 0, '2026-11-25 10:49:14.670295+00', '2026-11-25 10:49:14.670295+00', NULL),
	('fe6659b2-f935-470e-ae9c-bec83436e537', 'confirm', '45ed8e72-bedc-4824-9a20-0e46aa235692', 7, 'owed', 0, '2026-11-25 10:49:14.694427+00', '2026-11-25 10:49:14.694427+00', NULL),
	('e0fb2f2c-936c-40e3-a445-66857edb2e8d', 'confirm', 'f49b5ce7-7a01-4454-bcb8-8a7057aca9f1', 8, 'owed', 0, '2026-11-25 10:49:14.729234+00', '2026-11-25 10:49:14.729234+00', NULL),
	('6e3a47ca-a877-46e7-8842-c77d2db68bb1', 'confirm', '94923b99-f364-4c1d-b372-e79c763b5c59', 9, 'owed', 0, '2026-11-25 10:49:14.803522+00', '2026-11-25 10:49:14.803522+00', NULL),
	('d4f912c9-c863-42ee-9f73-2e155d64061a', 'paid', '7f792577-974d-4188-9622-bfa306cc6b9a', 9, 'owed', 0, '2026-11-25 10:49:14.821674+00', '2026-11-25 10:49:14.821674+00', NULL),
	('f27325b6-3887-436d-a29e-f4a6985b292b', 'refunded', '06e38418-3680-4e28-8163-e0030c5f3176', 9, 'owed', 0, '2026-11-25 10:49:14.82969+00', '2026-11-25 10:49:14.82969+00', NULL),
	('ae9e4147-ed59-4699-8414-24e9df902f53', 'confirm', '9209d0d8-59da-47c2-a98e-4a8a0f0cdfaf', 10, 'owed', 0, '2026-11-25 10:49:14.831561+00', '2026-11-25 10:49:14.831561+00', NULL),
	('5b112b65-bc4f-4a6e-b7db-5f2b50bcd23c', 'confirm', '78770231-019e-48a7-a476-fe53593db8a4', 11, 'owed', 0, '2026-11-25 10:49:14.861781+00', '2026-11-25 10:49:14.861781+00', NULL),
	('b16117cf-df16-4b78-85fb-8a9aa96d7628', 'confirm', 'fde71822-a91c-4f38-894d-8e2c93286f7e', 12, 'owed', 0, '2026-11-25 10:49:15.000681+00', '2026-11-25 10:49:15.000681+00', NULL),
	('41842e07-f50e-49fe-9f4c-4ec530bc7930', 'confirm', '01c7b877-436a-482d-8251-aa59d0caaa90', 13, 'owed', 0, '2026-11-25 10:49:15.025385+00', '2026-11-25 10:49:15.025385+00', NULL),
	('f8ba94a5-f078-4e1b-84dd-be70d8cfe589', 'confirm', '9c40498e-7aab-41cd-aa89-8bd4205f1fc1', 14, 'owed', 0, '2026-11-25 10:49:15.099234+00', '2026-11-25 10:49:15.099234+00', NULL),
	('5720e6b9-2e6e-414b-9664-4291e527dde0', 'confirm', '963ae5f8-a5c5-41dc-ab51-0c08bf1632c4', 15, 'owed', 0, '2026-11-25 10:49:15.139241+00', '2026-11-25 10:49:15.139241+00', NULL),
	('c736003b-eed6-4cd2-86b1-27131e9e7564', 'paid', '31249347-da3d-4657-9df0-d2e1300d3ed7', 15, 'owed', 0, '2026-11-25 10:49:15.145222+00', '2026-11-25 10:49:15.145222+00', NULL),
	('d8d18807-1635-41f7-aeb6-3f7c75bd3941', 'confirm', 'cf306b11-2680-4599-a738-f404d744fa25', 16, 'owed', 0, '2026-11-25 10:49:15.154342+00', '2026-11-25 10:49:15.154342+00', NULL),
	('34b825a1-29d7-4cbe-9113-e2619671ff31', 'confirm', '35402f4a-41b9-4875-ad4b-209be78c40a7', 17, 'owed', 0, '2026-11-25 10:49:15.177425+00', '2026-11-25 10:49:15.177425+00', NULL),
	('ef954768-7626-4a91-821e-f32e8ca98c22', 'confirm', 'efc59d6d-97ab-4520-aabe-fcf851da8894', 18, 'owed', 0, '2026-11-25 10:49:15.216146+00', '2026-11-25 10:49:15.216146+00', NULL),
	('25346b4b-3280-4522-9cc9-51f442e4e2db', 'confirm', '79a3b8ed-95a2-4a37-a36a-39fbf9f12b09', 19, 'owed', 0, '2026-11-25 10:49:15.241873+00', '2026-11-25 10:49:15.241873+00', NULL),
	('f336fec5-2112-4176-8f4c-189f490d92bb', 'expired', '0cb0b12a-5f72-4fb0-a8ac-021f1a4924cf', 19, 'owed', 0, '2026-11-25 10:49:16.268162+00', '2026-11-25 10:49:16.268162+00', NULL),
	('1fc1dd3c-b148-4475-9072-319314081718', 'confirm', '37463e2f-11f1-43e6-953e-ff5d12381244', 20, 'owed', 0, '2026-11-25 10:49:16.291206+00', '2026-11-25 10:49:16.291206+00', NULL),
	('d8c9c628-3639-4ab0-938e-2216039702d9', 'expired', '8a63b93e-ce5e-4adb-804f-d3effcef2163', 20, 'owed', 0, '2026-11-25 10:49:17.303772+00', '2026-11-25 10:49:17.303772+00', NULL),
	('1d5545e2-9966-4119-900c-a5924abb6b2e', 'late_paid', '8a63b93e-ce5e-4adb-804f-d3effcef2163', 20, 'owed', 0, '2026-11-25 10:49:17.32499+00', '2026-11-25 10:49:17.32499+00', NULL),
	('656308a9-699c-4611-a155-15d930361edb', 'confirm', '102dd82b-d40b-4261-9dfb-56872c363a13', 21, 'owed', 0, '2026-11-25 10:49:17.342179+00', '2026-11-25 10:49:17.342179+00', NULL),
	('4c59a38c-2544-46d2-ab85-8bbf2a53ef8a', 'surplus', '3b724e62-4ce3-4be2-9388-2f53b2c5f6bd', 21, 'owed', 0, '2026-11-25 10:49:17.359612+00', '2026-11-25 10:49:17.359612+00', NULL),
	('1fb9806a-0844-4de6-9570-e21f9e2a86d8', 'expired', 'c8d1949d-2b98-43b4-9945-f86d22e2564f', 21, 'owed', 0, '2026-11-25 10:49:18.350605+00', '2026-11-25 10:49:18.350605+00', NULL),
	('34b88e74-c71a-4891-b8c1-bdc7261c6d4f', 'confirm', '3cf60f85-884c-490c-90e4-cca6ecf2c72c', 22, 'owed', 0, '2026-11-25 10:49:18.387036+00', '2026-11-25 10:49:18.387036+00', NULL),
	('ad065753-1173-4352-8b62-73b791e4fbe5', 'expired', '61c34627-5f15-438c-bc0f-b80394bda29c', 22, 'owed', 0, '2026-11-25 10:49:19.402398+00', '2026-11-25 10:49:19.402398+00', NULL),
	('2a8800ef-6d8f-4778-8c7a-8880b8d15a11', 'confirm', '3895f4ce-1f43-4d0f-8b7b-0ac982734766', 23, 'owed', 0, '2026-11-25 10:49:19.434335+00', '2026-11-25 10:49:19.434335+00', NULL),
	('99460350-2eb1-4d3b-82cf-9a996241fbf8', 'confirm', 'f2380d54-ce22-4db0-a2ba-f989f9ece5ba', 24, 'owed', 0, '2026-11-25 10:49:19.461369+00', '2026-11-25 10:49:19.461369+00', NULL),
	('6716b0ae-bae0-410f-bfd4-71dad9a7941f', 'confirm', 'e37dbc48-49cb-4d47-b1f8-30bd6981d5ec', 25, 'owed', 0, '2026-11-25 10:49:19.517855+00', '2026-11-25 10:49:19.517855+00', NULL),
	('91257159-956e-409d-b94b-329462e7a399', 'paid', '517f4b31-e6ff-40de-9269-d1d30ca3b89d', 25, 'owed', 0, '2026-11-25 10:49:19.557368+00', '2026-11-25 10:49:19.557368+00', NULL),
	('c76a82d1-fcda-4f44-8752-201244d50635', 'confirm', '4e2e7b43-da99-4c49-93bc-b9e3b5967b54', 26, 'owed', 0, '2026-11-25 10:49:19.561415+00', '2026-11-25 10:49:19.561415+00', NULL),
	('f63a258b-010e-4199-9459-a585b9c0c449', 'paid', '3d12a964-994a-497f-9c8d-633dbe94550b', 26, 'owed', 0, '2026-11-25 10:49:19.579673+00', '2026-11-25 10:49:19.579673+00', NULL),
	('f3e18aac-a255-45b1-9aa8-6bd17c98220c', 'confirm', 'f4f6d3e1-13b7-4ac3-bde6-bb8dcf5c5da1', 27, 'owed', 0, '2026-11-25 10:49:19.587498+00', '2026-11-25 10:49:19.587498+00', NULL),
	('50db6e10-e3bf-4aaa-a830-82a61ad99ad6', 'cancelled', '0c9ac0fa-546f-4e61-b040-f74041d5acb3', 27, 'owed', 0, '2026-11-25 10:49:19.620015+00', '2026-11-25 10:49:19.620015+00', NULL),
	('664b87b1-a1ad-45b1-963f-5bcf6c7ef640', 'cancelled', '3d12a964-994a-497f-9c8d-633dbe94550b', 26, 'owed', 0, '2026-11-25 10:49:19.646704+00', '2026-11-25 10:49:19.646704+00', NULL),
	('1cea752b-a80c-4c79-8f8f-2000d5b0a760', 'cancelled', '517f4b31-e6ff-40de-9269-d1d30ca3b89d', 25, 'owed', 0, '2026-11-25 10:49:19.646704+00', '2026-11-25 10:49:19.646704+00', NULL),
	('354fc8fa-4bd3-457f-b302-5f1eaa559888', 'refunded', 'e1a1700d-d686-485b-b0f4-a82fdcf6be31', 25, 'owed', 0, '2026-11-25 10:49:19.687224+00', '2026-11-25 10:49:19.687224+00', NULL),
	('d9a2663b-86c2-4c82-968d-2342e05159b7', 'confirm', 'b7f99f33-62c7-485f-b608-49a9c8236cc5', 28, 'owed', 0, '2026-11-25 10:49:19.716075+00', '2026-11-25 10:49:19.716075+00', NULL),
	('e3a802a2-19e5-49a3-9071-8deb9d3d1089', 'confirm', 'ab23e542-686c-4ce9-a7de-ee8570c9af2e', 28, 'owed', 0, '2026-11-25 10:49:19.716799+00', '2026-11-25 10:49:19.716799+00', NULL),
	('b2fd0645-7653-432f-8f97-7232cb37d48f', 'confirm', '6549ab99-75ad-44c3-b81d-c310598884ef', 29, 'owed', 0, '2026-11-25 10:49:19.869647+00', '2026-11-25 10:49:19.869647+00', NULL),
	('f8d66909-c21e-41aa-b1c0-ed44c97ed639', 'given', '894c5bb9-d086-46f7-a508-8042b9f1168d', 10, 'sent', 1, '2026-11-25 10:49:15.058214+00', '2026-11-25 10:52:19.919464+00', '2026-11-25 10:49:19.920385+00'),
	('47a70f09-4abc-45db-818e-907c11a2ea54', 'reset', 'f15971c0-50e5-4c05-94b8-bdd85a40572c', 28, 'moot', 1, '2026-11-25 10:49:19.723628+00', '2026-11-25 10:52:19.920719+00', '2026-11-25 10:49:19.921186+00'),
	('4dad60ee-1ed3-4076-9ecb-cb2a93601db5', 'reset', 'a53ce385-bdb9-4cf6-a8be-13e2919b8031', NULL, 'failed', 1, '2026-11-21 10:49:19.724183+00', '2026-11-25 10:49:49.92849+00', '2026-11-25 10:49:19.92849+00');
INSERT INTO public.lines VALUES
	(2, 1000007, 7, 6, true, false),
	(3, 1000003, 1, 1, true, false),
	(4, 1000003, 3, 4, true, false),
	(5, 0, 0, 0, false, false),
	(1, 1000015, 11, 14, true, false);
INSERT INTO public.lost_numbers VALUES
	(1, 15, 1000014, '2026-11-25 10:49:19.828275+00'),
	(2, 8, 1000007, '2026-11-25 10:49:19.828275+00'),
	(3, 4, 1000003, '2026-11-25 10:49:19.828275+00'),
	(4, 4, 1000003, '2026-11-25 10:49:19.828275+00');
INSERT INTO public.notices VALUES
	('sandbox', 'ev_1', NULL, 'ch_of_somebody', '2026-11-25 10:49:15.118977+00', NULL),
	('sandbox', 'ev_0', 'e8f3473d-2aad-4325-b3f7-5b9d90b814e9', 'ch_e8f3473d-2aad-4325-b3f7-5b9d90b814e9', '2026-11-25 10:49:15.117665+00', '2026-11-25 10:49:15.119597+00');
INSERT INTO public.orders VALUES
	('39badb21-3e91-4244-8458-ab0e589e2f12', 1, 1, 2, 1, 0, 2, 0, 'paid', 1, 15000, 1500, DEFAULT, 'BRL', 4, 604800, 7, 48, true, false, '2026-11-25 10:49:14.436612+00', NULL, '2026-11-25 10:49:14.443575+00', '2026-12-02 10:49:14.443575+00', false, 0, 0, NULL, '2026-11-25 10:49:14.474815+00', NULL),
	('c91a0618-c67a-4e7c-972b-fddb636f67cf', 1, 1, 3, 2, 2, 1, 1, 'refunded', 2, 15000, 1500, DEFAULT, 'BRL', 4, 604800, 7, 48, true, false, '2026-11-25 10:49:14.480732+00', NULL, '2026-11-25 10:49:14.489114+00', '2026-12-02 10:49:14.489114+00', false, 0, 0, NULL, '2026-11-25 10:49:14.510596+00', '2026-11-25 10:49:14.527901+00'),
	('69c2c637-198c-4eb6-8cb5-1abbdb6931bd', 1, 1, 4, 3, 3, 2, 1, 'paid', 3, 15000, 1500, DEFAULT, 'BRL', 4, 604800, 7, 48, true, false, '2026-11-25 10:49:14.557949+00', NULL, '2026-11-25 10:49:14.564536+00', '2026-12-02 10:49:14.564536+00', false, 0, 0, NULL, '2026-11-25 10:49:14.584646+00', NULL),
	('8142bf86-bc28-4ceb-bb7c-98e4ee0f98c5', 1, 1, 5, 4, 5, 1, 1, 'refunded', 4, 15000, 1500, DEFAULT, 'BRL', 4, 604800, 7, 48, true, false, '2026-11-25 10:49:14.607819+00', NULL, '2026-11-25 10:49:14.611649+00', '2026-12-02 10:49:14.611649+00', false, 0, 0, NULL, '2026-11-25 10:49:14.624781+00', '2026-11-25 10:49:14.642443+00'),
	('959ed756-4d60-4756-b445-34a5fde25861', 1, 1, 2, 8, 9, 3, 0, 'over_limit', 8, 15000, 1500, DEFAULT, 'BRL', 4, 604800, 7, 48, true, false, '2026-11-25 10:49:14.780759+00', NULL, '2026-11-25 10:49:14.78695+00', NULL, false, 0, 0, NULL, NULL, NULL),
	('7f792577-974d-4188-9622-bfa306cc6b9a', 1, 1, 9, 9, 12, 3, 0, 'paid', 9, 15000, 1500, DEFAULT, 'BRL', 4, 604800, 7, 48, true, false, '2026-11-25 10:49:14.804505+00', NULL, '2026-11-25 10:49:14.81292+00', '2026-12-02 10:49:14.81292+00', false, 0, 0, NULL, '2026-11-25 10:49:14.821674+00', NULL),
	('2bb2b19e-f7ca-4cc9-87ac-7781bd5857fb', 1, 1, 11, 11, 16, 2, 0, 'waiting', NULL, 15000, 1500, DEFAULT, 'BRL', 4, 604800, 7, 48, true, true, '2026-11-25 10:49:14.862305+00', '2026-11-25 10:49:14.986503+00', NULL, NULL, false, 0, 0, NULL, NULL, NULL),
	('ef87b908-82ad-4bc1-86ff-abaacfdc2e83', 1, 1, 12, 12, 18, 1, 0, 'waiting', NULL, 15000, 1500, DEFAULT, 'BRL', 4, 604800, 7, 48, true, false, '2026-11-25 10:49:15.001372+00', '2026-11-25 10:49:15.011394+00', NULL, NULL, false, 0, 0, NULL, NULL, NULL),
	('b76908df-30d4-4e9f-9e5d-85949ad29b1b', 1, 1, 13, 13, 19, 1, 0, 'left', NULL, 15000, 1500, DEFAULT, 'BRL', 4, 604800, 7, 48, true, false, '2026-11-25 10:49:15.026096+00', '2026-11-25 10:49:15.033322+00', NULL, NULL, false, 0, 0, NULL, NULL, '2026-11-25 10:49:15.043811+00'),
	('39b5b512-35d1-4eb1-b9bf-5c17cc4e470f', 1, 1, 8, 7, 8, 1, 0, 'left', 7, 15000, 1500, DEFAULT, 'BRL', 4, 604800, 7, 48, true, false, '2026-11-25 10:49:14.730114+00', NULL, '2026-11-25 10:49:14.736962+00', '2026-12-02 10:49:14.736962+00', false, 0, 0, NULL, NULL, '2026-11-25 10:49:15.058214+00'),
	('31249347-da3d-4657-9df0-d2e1300d3ed7', 2, 4, 15, 1, 0, 1, 0, 'paid', 1, 0, 0, DEFAULT, 'BRL', 4, 1, 7, 48, true, false, '2026-11-25 10:49:15.139936+00', NULL, '2026-11-25 10:49:15.145222+00', NULL, false, 0, 0, NULL, '2026-11-25 10:49:15.145222+00', NULL),
	('04171a05-f105-4aa5-86a4-888cd8807d41', 2, 4, 16, 2, 1, 1, 0, 'sold_out', 2, 0, 0, DEFAULT, 'BRL', 4, 1, 7, 48, true, false, '2026-11-25 10:49:15.154971+00', NULL, '2026-11-25 10:49:15.168487+00', NULL, false, 0, 0, NULL, NULL, NULL),
	('0cb0b12a-5f72-4fb0-a8ac-021f1a4924cf', 2, 3, 19, 5, 2, 1, 0, 'expired', 5, 8000, 800, DEFAULT, 'BRL', 4, 1, 7, 48, true, false, '2026-11-25 10:49:15.242373+00', NULL, '2026-11-25 10:49:15.248674+00', '2026-11-25 10:49:16.248674+00', false, 0, 0, NULL, NULL, '2026-11-25 10:49:16.268162+00'),
	('8a63b93e-ce5e-4adb-804f-d3effcef2163', 2, 3, 20, 6, 3, 1, 0, 'paid', 6, 8000, 800, DEFAULT, 'BRL', 4, 1, 7, 48, true, false, '2026-11-25 10:49:16.291796+00', NULL, '2026-11-25 10:49:16.300736+00', '2026-11-25 10:49:17.300736+00', false, 0, 0, '2026-11-25 10:49:17.32499+00', '2026-11-25 10:49:17.32499+00', NULL),
	('c8d1949d-2b98-43b4-9945-f86d22e2564f', 2, 3, 21, 7, 4, 1, 0, 'expired', 7, 8000, 800, DEFAULT, 'BRL', 4, 1, 7, 48, true, false, '2026-11-25 10:49:17.342741+00', NULL, '2026-11-25 10:49:17.347754+00', '2026-11-25 10:49:18.347754+00', false, 0, 0, NULL, NULL, '2026-11-25 10:49:18.350605+00'),
	('61c34627-5f15-438c-bc0f-b80394bda29c', 3, 5, 22, 1, 0, 1, 0, 'expired', 1, 5000, 500, DEFAULT, 'BRL', 4, 1, 7, 48, true, false, '2026-11-25 10:49:18.387544+00', NULL, '2026-11-25 10:49:18.392629+00', '2026-11-25 10:49:19.392629+00', false, 0, 0, NULL, NULL, '2026-11-25 10:49:19.402398+00'),
	('efbd5e35-ca34-4865-8710-5c825ecafd5d', 3, 5, 23, 2, 1, 2, 0, 'queued', NULL, 5000, 500, DEFAULT, 'BRL', 4, 1, 7, 48, true, false, '2026-11-25 10:49:19.4348+00', NULL, NULL, NULL, false, 0, 0, NULL, NULL, NULL),
	('b765e830-270d-453f-8870-c35156ca0de4', 3, 5, 24, 3, 3, 1, 0, 'left', NULL, 5000, 500, DEFAULT, 'BRL', 4, 1, 7, 48, true, false, '2026-11-25 10:49:19.462074+00', NULL, NULL, NULL, false, 0, 0, NULL, NULL, '2026-11-25 10:49:19.492011+00'),
	('0c9ac0fa-546f-4e61-b040-f74041d5acb3', 4, 6, 27, 3, 2, 2, 0, 'cancelled', 3, 9000, 900, DEFAULT, 'BRL', 4, 604800, 7, 48, true, false, '2026-11-25 10:49:19.587951+00', NULL, '2026-11-25 10:49:19.594624+00', '2026-12-02 10:49:19.594624+00', false, 0, 0, NULL, NULL, '2026-11-25 10:49:19.620015+00'),
	('517f4b31-e6ff-40de-9269-d1d30ca3b89d', 4, 6, 25, 1, 0, 1, 1, 'refunded', 1, 9000, 900, DEFAULT, 'BRL', 4, 604800, 7, 48, true, false, '2026-11-25 10:49:19.518451+00', NULL, '2026-11-25 10:49:19.536726+00', '2026-12-02 10:49:19.536726+00', false, 0, 0, NULL, '2026-11-25 10:49:19.557368+00', '2026-11-25 10:49:19.655935+00'),
	('3d12a964-994a-497f-9c8d-633dbe94550b', 4, 6, 26, 2, 1, 1, 1, 'refunded', 2, 9000, 900, DEFAULT, 'BRL', 4, 604800, 7, 48, true, false, '2026-11-25 10:49:19.56188+00', NULL, '2026-11-25 10:49:19.566719+00', '2026-12-02 10:49:19.566719+00', false, 0, 0, NULL, '2026-11-25 10:49:19.579673+00', '2026-11-25 10:49:19.668017+00'),
	('3182d9b3-7fa3-447a-88df-b1ed84195a55', 1, 1, 29, 1000015, 0, 1, 0, 'waiting', NULL, 15000, 1500, DEFAULT, 'BRL', 4, 604800, 7, 48, true, false, '2026-11-25 10:49:19.870625+00', '2026-11-25 10:49:19.880132+00', NULL, NULL, false, 0, 0, NULL, NULL, NULL),
	('cbc01968-9e78-44b3-a78f-336a78cfd103', 1, 1, 6, 5, 6, 1, 0, 'reserved', 5, 15000, 1500, DEFAULT, 'BRL', 4, 604800, 7, 48, true, false, '2026-11-25 10:49:14.670838+00', NULL, '2026-11-25 10:49:14.677896+00', '2100-01-01 12:00:00+00', false, 0, 0, NULL, NULL, NULL),
	('282bb9f0-974e-434a-a66d-8e334abeba32', 1, 1, 7, 6, 7, 1, 0, 'reserved', 6, 15000, 1500, DEFAULT, 'BRL', 4, 604800, 7, 48, true, false, '2026-11-25 10:49:14.695218+00', NULL, '2026-11-25 10:49:14.706916+00', '2100-01-01 12:00:00+00', true, 0, 0, NULL, NULL, NULL),
	('894c5bb9-d086-46f7-a508-8042b9f1168d', 1, 1, 10, 10, 15, 1, 0, 'reserved', 10, 15000, 1500, DEFAULT, 'BRL', 4, 604800, 7, 48, true, false, '2026-11-25 10:49:14.832003+00', '2026-11-25 10:49:14.849833+00', '2026-11-25 10:49:15.058214+00', '2100-01-01 12:00:00+00', false, 0, 0, NULL, NULL, NULL),
	('7b866f75-56c6-4e78-bb77-6802218f4d3f', 1, 2, 14, 14, 0, 1, 0, 'reserved', 11, 32000, 3200, DEFAULT, 'BRL', 4, 604800, 7, 48, true, false, '2026-11-25 10:49:15.099784+00', NULL, '2026-11-25 10:49:15.105498+00', '2100-01-01 12:00:00+00', false, 0, 0, NULL, NULL, NULL),
	('7f7bbc5a-730e-443d-a602-5d1281fbc550', 2, 3, 17, 3, 0, 1, 0, 'reserved', 3, 8000, 800, DEFAULT, 'BRL', 4, 1, 7, 48, true, false, '2026-11-25 10:49:15.178434+00', NULL, '2026-11-25 10:49:15.197638+00', '2100-01-01 12:00:00+00', false, 0, 60, NULL, NULL, NULL),
	('7a33598d-2fad-4b87-a098-b66d7ff992f7', 2, 3, 18, 4, 1, 1, 0, 'reserved', 4, 8000, 800, DEFAULT, 'BRL', 4, 1, 7, 48, true, false, '2026-11-25 10:49:15.216631+00', NULL, '2026-11-25 10:49:15.22436+00', '2100-01-01 12:00:00+00', false, 120, 0, NULL, NULL, NULL);
INSERT INTO public.outages OVERRIDING SYSTEM VALUE VALUES
	(1, 'sandbox', '2026-11-25 10:49:15.212542+00', '2026-11-25 10:49:15.214891+00'),
	(2, 'stripe', '2026-11-25 10:49:15.215662+00', NULL);
INSERT INTO public.refunds VALUES
	('935fba78-e2ed-4495-999f-88fb6a9d8bed', 'c91a0618-c67a-4e7c-972b-fddb636f67cf', '5138846b-c4dc-46bb-8bd8-81fd23fe987a', 'fan', NULL, '', 1, 16500, 1500, 'done', '2026-11-25 10:49:14.519761+00', '2026-11-25 10:49:14.527901+00', 1, '2026-11-25 10:49:14.516261+00', '2026-11-25 10:49:14.551488+00', 're_1'),
	('5a1f4cba-6188-4fa0-a491-3fabc236a455', '69c2c637-198c-4eb6-8cb5-1abbdb6931bd', 'd208a55b-cff9-4785-9fb2-d55aa4ad842b', 'fan', NULL, '', 1, 16500, 1500, 'owed', '2026-11-25 10:49:14.592436+00', '2026-11-25 10:49:14.598906+00', 0, '2026-11-25 10:49:14.58991+00', NULL, NULL),
	('bfb03c4f-9e77-4985-b8d2-5a2bfc2d0e6e', '8142bf86-bc28-4ceb-bb7c-98e4ee0f98c5', 'ea973d9d-2bce-41e9-8d3d-6cd0f10d7685', 'fan', NULL, '', 1, 16500, 1500, 'refused', '2026-11-25 10:49:14.632507+00', '2026-11-25 10:49:14.642443+00', 1, '2026-11-25 10:49:14.630161+00', NULL, NULL),
	('06e38418-3680-4e28-8163-e0030c5f3176', '7f792577-974d-4188-9622-bfa306cc6b9a', 'eada5ed4-991b-463f-ab9e-d742f345dbcb', 'admin', 1, 'O som falhou', 0, 500, 0, 'done', '2026-11-25 10:49:14.827851+00', NULL, 1, '2026-11-25 10:49:14.82545+00', '2026-11-25 10:49:14.82969+00', 're_2'),
	('3b724e62-4ce3-4be2-9388-2f53b2c5f6bd', 'c8d1949d-2b98-43b4-9945-f86d22e2564f', '57b7a951-ef1a-44fb-ac60-471ae896c5f8', 'surplus', NULL, '', 0, 8799, 0, 'owed', '2026-11-25 10:49:17.362273+00', '2026-11-25 10:49:17.359612+00', 0, '2026-11-25 10:49:17.359612+00', NULL, NULL),
	('387fd84f-810e-4b60-8b03-3dc9a2f5154d', '3d12a964-994a-497f-9c8d-633dbe94550b', '84c52508-97e0-4338-9483-4430670c1c1f', 'cancelled', NULL, '', 1, 9900, 900, 'owed', '2026-11-25 10:49:19.649452+00', '2026-11-25 10:49:19.668017+00', 0, '2026-11-25 10:49:19.646704+00', NULL, NULL),
	('e1a1700d-d686-485b-b0f4-a82fdcf6be31', '517f4b31-e6ff-40de-9269-d1d30ca3b89d', '39a2ed8d-9f79-4d2a-89ea-6d249f71a5d4', 'cancelled', NULL, '', 1, 9900, 900, 'done', '2026-11-25 10:49:19.649265+00', '2026-11-25 10:49:19.655935+00', 1, '2026-11-25 10:49:19.646704+00', '2026-11-25 10:49:19.687224+00', 're_3');
INSERT INTO public.stock VALUES
	(1, 9, 9),
	(2, 8, 1),
	(4, 1, 1),
	(3, 5, 3),
	(5, 5, 0),
	(6, 4, 0);
INSERT INTO public.ticket_types OVERRIDING SYSTEM VALUE VALUES
	(1, 1, 'Pista', '', 1, 15000, 1500, '2026-11-25 10:49:14.284592+00'),
	(2, 1, 'Frisa', '', 2, 32000, 3200, '2026-11-25 10:49:14.310202+00'),
	(3, 2, 'Mesa', '', 1, 8000, 800, '2026-11-25 10:49:15.121009+00'),
	(4, 2, 'Entrada gratuita', '', 2, 0, 0, '2026-11-25 10:49:15.123072+00'),
	(5, 3, 'Pista', '', 1, 5000, 500, '2026-11-25 10:49:18.367676+00'),
	(6, 4, 'Pista', '', 1, 9000, 900, '2026-11-25 10:49:19.502731+00');
INSERT INTO public.tickets OVERRIDING SYSTEM VALUE VALUES
	(2, 1, '39badb21-3e91-4244-8458-ab0e589e2f12', 1, 2, 2, 'valid', NULL),
	(3, 1, 'c91a0618-c67a-4e7c-972b-fddb636f67cf', 1, 3, 3, 'void', '935fba78-e2ed-4495-999f-88fb6a9d8bed'),
	(5, 1, '69c2c637-198c-4eb6-8cb5-1abbdb6931bd', 1, 4, 5, 'valid', NULL),
	(4, 1, '69c2c637-198c-4eb6-8cb5-1abbdb6931bd', 1, 4, 4, 'void', '5a1f4cba-6188-4fa0-a491-3fabc236a455'),
	(6, 1, '8142bf86-bc28-4ceb-bb7c-98e4ee0f98c5', 1, 5, 6, 'void', 'bfb03c4f-9e77-4985-b8d2-5a2bfc2d0e6e'),
	(7, 1, 'cbc01968-9e78-44b3-a78f-336a78cfd103', 1, 6, 7, 'reserved', NULL),
	(8, 1, '282bb9f0-974e-434a-a66d-8e334abeba32', 1, 7, 8, 'reserved', NULL),
	(10, 1, '7f792577-974d-4188-9622-bfa306cc6b9a', 1, 9, 10, 'valid', NULL),
	(11, 1, '7f792577-974d-4188-9622-bfa306cc6b9a', 1, 9, 11, 'valid', NULL),
	(12, 1, '7f792577-974d-4188-9622-bfa306cc6b9a', 1, 9, 12, 'valid', NULL),
	(9, 1, '39b5b512-35d1-4eb1-b9bf-5c17cc4e470f', 1, 8, 9, 'void', NULL),
	(13, 1, '894c5bb9-d086-46f7-a508-8042b9f1168d', 1, 10, 13, 'reserved', NULL),
	(14, 1, '7b866f75-56c6-4e78-bb77-6802218f4d3f', 2, 14, 14, 'reserved', NULL),
	(15, 2, '31249347-da3d-4657-9df0-d2e1300d3ed7', 4, 15, 1, 'valid', NULL),
	(16, 2, '7f7bbc5a-730e-443d-a602-5d1281fbc550', 3, 17, 2, 'reserved', NULL),
	(17, 2, '7a33598d-2fad-4b87-a098-b66d7ff992f7', 3, 18, 3, 'reserved', NULL),
	(18, 2, '0cb0b12a-5f72-4fb0-a8ac-021f1a4924cf', 3, 19, 4, 'void', NULL),
	(19, 2, '8a63b93e-ce5e-4adb-804f-d3effcef2163', 3, 20, 5, 'valid', NULL),
	(20, 2, 'c8d1949d-2b98-43b4-9945-f86d22e2564f', 3, 21, 6, 'void', NULL),
	(21, 3, '61c34627-5f15-438c-bc0f-b80394bda29c', 5, 22, 1, 'void', NULL),
	(24, 4, '0c9ac0fa-546f-4e61-b040-f74041d5acb3', 6, 27, 3, 'void', NULL),
	(25, 4, '0c9ac0fa-546f-4e61-b040-f74041d5acb3', 6, 27, 4, 'void', NULL),
	(22, 4, '517f4b31-e6ff-40de-9269-d1d30ca3b89d', 6, 25, 1, 'void', 'e1a1700d-d686-485b-b0f4-a82fdcf6be31'),
	(23, 4, '3d12a964-994a-497f-9c8d-633dbe94550b', 6, 26, 2, 'void', '387fd84f-810e-4b60-8b03-3dc9a2f5154d'),
	(1, 1, '39badb21-3e91-4244-8458-ab0e589e2f12', 1, 2, 1, 'used', NULL);
SELECT pg_catalog.setval('public.accounts_id_seq', 29, true);
SELECT pg_catalog.setval('public.admin_log_id_seq', 6, true);
SELECT pg_catalog.setval('public.capacity_changes_id_seq', 8, true);
SELECT pg_catalog.setval('public.events_id_seq', 5, true);
SELECT pg_catalog.setval('public.goose_db_version_id_seq', 2, true);
SELECT pg_catalog.setval('public.ledger_id_seq', 33, true);
SELECT pg_catalog.setval('public.outages_id_seq', 2, true);
SELECT pg_catalog.setval('public.ticket_types_id_seq', 6, true);
SELECT pg_catalog.setval('public.tickets_id_seq', 25, true);
ALTER TABLE ONLY public.account_links
    ADD CONSTRAINT account_links_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_cpf_key UNIQUE (cpf);
ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_email_key UNIQUE (email);
ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.admin_log
    ADD CONSTRAINT admin_log_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.capacity_changes
    ADD CONSTRAINT capacity_changes_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.charges
    ADD CONSTRAINT charges_gateway_id_once UNIQUE (gateway, gateway_id);
ALTER TABLE ONLY public.charges
    ADD CONSTRAINT charges_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_slug_key UNIQUE (slug);
ALTER TABLE ONLY public.generator
    ADD CONSTRAINT generator_pkey PRIMARY KEY (single);
ALTER TABLE ONLY public.goose_db_version
    ADD CONSTRAINT goose_db_version_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.ledger
    ADD CONSTRAINT ledger_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.letters
    ADD CONSTRAINT letters_once UNIQUE (kind, subject);
ALTER TABLE ONLY public.letters
    ADD CONSTRAINT letters_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.lines
    ADD CONSTRAINT lines_pkey PRIMARY KEY (event_id);
ALTER TABLE ONLY public.lost_numbers
    ADD CONSTRAINT lost_numbers_pkey PRIMARY KEY (event_id, first);
ALTER TABLE ONLY public.notices
    ADD CONSTRAINT notices_pkey PRIMARY KEY (gateway, event_id);
ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_decision_once UNIQUE (event_id, decision);
ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_number_once UNIQUE (event_id, number);
ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.outages
    ADD CONSTRAINT outages_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.refunds
    ADD CONSTRAINT refunds_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.stock
    ADD CONSTRAINT stock_pkey PRIMARY KEY (ticket_type_id);
ALTER TABLE ONLY public.ticket_types
    ADD CONSTRAINT ticket_types_name_key UNIQUE (event_id, name);
ALTER TABLE ONLY public.ticket_types
    ADD CONSTRAINT ticket_types_of_event UNIQUE (id, event_id);
ALTER TABLE ONLY public.ticket_types
    ADD CONSTRAINT ticket_types_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.tickets
    ADD CONSTRAINT tickets_number_once UNIQUE (event_id, number);
ALTER TABLE ONLY public.tickets
    ADD CONSTRAINT tickets_pkey PRIMARY KEY (id);
CREATE INDEX account_links_nobody ON public.account_links USING btree (created_at) WHERE (account_id IS NULL);
CREATE INDEX account_links_unused ON public.account_links USING btree (account_id) WHERE (used_at IS NULL);
CREATE INDEX capacity_changes_asked ON public.capacity_changes USING btree (id) WHERE (outcome = 'asked'::text);
CREATE INDEX charges_late ON public.charges USING btree (settled_at) WHERE (status = 'late'::text);
CREATE INDEX charges_of_order ON public.charges USING btree (order_id);
CREATE UNIQUE INDEX charges_one_captured ON public.charges USING btree (order_id) WHERE (status = 'captured'::text);
CREATE UNIQUE INDEX charges_one_open ON public.charges USING btree (order_id) WHERE (status = ANY (ARRAY['new'::text, 'open'::text]));
CREATE INDEX charges_unsettled ON public.charges USING btree (next_look_at) WHERE ((status = ANY (ARRAY['new'::text, 'open'::text, 'abandoned'::text])) OR ((status = ANY (ARRAY['failed'::text, 'cancelled'::text])) AND (looks < 5)));
CREATE INDEX ledger_of_event ON public.ledger USING btree (event_id, id);
CREATE INDEX ledger_of_order ON public.ledger USING btree (order_id);
CREATE UNIQUE INDEX ledger_once_per_charge ON public.ledger USING btree (charge_id, kind) WHERE (refund_id IS NULL);
CREATE UNIQUE INDEX ledger_once_per_refund ON public.ledger USING btree (refund_id, kind) WHERE (refund_id IS NOT NULL);
CREATE INDEX letters_due ON public.letters USING btree (next_try_at) WHERE (status = 'owed'::text);
CREATE INDEX letters_nobody ON public.letters USING btree (owed_at) WHERE (account_id IS NULL);
CREATE INDEX notices_unhandled ON public.notices USING btree (received_at) WHERE (handled_at IS NULL);
CREATE INDEX orders_holds ON public.orders USING btree (ticket_type_id, reserved_until) WHERE (status = 'reserved'::text);
CREATE INDEX orders_of_account ON public.orders USING btree (account_id, event_id);
CREATE UNIQUE INDEX orders_one_open ON public.orders USING btree (account_id, event_id) WHERE (status = ANY (ARRAY['queued'::text, 'waiting'::text, 'reserved'::text]));
CREATE INDEX orders_parked ON public.orders USING btree (event_id, number) WHERE (status = 'queued'::text);
CREATE INDEX orders_waiting ON public.orders USING btree (ticket_type_id, number) WHERE (status = 'waiting'::text);
CREATE UNIQUE INDEX outages_one_open ON public.outages USING btree (gateway) WHERE (ended_at IS NULL);
CREATE INDEX refunds_of_order ON public.refunds USING btree (order_id);
CREATE UNIQUE INDEX refunds_one_per_cancel ON public.refunds USING btree (order_id) WHERE (reason = 'cancelled'::text);
CREATE UNIQUE INDEX refunds_one_per_surplus ON public.refunds USING btree (charge_id) WHERE (reason = 'surplus'::text);
CREATE INDEX refunds_owed ON public.refunds USING btree (next_try_at) WHERE (status = 'owed'::text);
CREATE INDEX refunds_refused ON public.refunds USING btree (asked_at) WHERE (status = 'refused'::text);
CREATE INDEX refunds_unreleased ON public.refunds USING btree (asked_at) WHERE (released_at IS NULL);
CREATE INDEX tickets_of_account ON public.tickets USING btree (account_id) WHERE (status = ANY (ARRAY['valid'::text, 'used'::text]));
CREATE INDEX tickets_of_order ON public.tickets USING btree (order_id);
CREATE INDEX tickets_of_refund ON public.tickets USING btree (refund_id) WHERE (refund_id IS NOT NULL);
CREATE TRIGGER ledger_is_kept BEFORE DELETE OR UPDATE OR TRUNCATE ON public.ledger FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_is_kept();
ALTER TABLE ONLY public.account_links
    ADD CONSTRAINT account_links_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);
ALTER TABLE ONLY public.admin_log
    ADD CONSTRAINT admin_log_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);
ALTER TABLE ONLY public.capacity_changes
    ADD CONSTRAINT capacity_changes_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);
ALTER TABLE ONLY public.capacity_changes
    ADD CONSTRAINT capacity_changes_ticket_type_id_fkey FOREIGN KEY (ticket_type_id) REFERENCES public.ticket_types(id);
ALTER TABLE ONLY public.charges
    ADD CONSTRAINT charges_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);
ALTER TABLE ONLY public.ledger
    ADD CONSTRAINT ledger_charge_id_fkey FOREIGN KEY (charge_id) REFERENCES public.charges(id);
ALTER TABLE ONLY public.ledger
    ADD CONSTRAINT ledger_event_id_fkey FOREIGN KEY (event_id) REFERENCES public.events(id);
ALTER TABLE ONLY public.ledger
    ADD CONSTRAINT ledger_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);
ALTER TABLE ONLY public.ledger
    ADD CONSTRAINT ledger_refund_id_fkey FOREIGN KEY (refund_id) REFERENCES public.refunds(id);
ALTER TABLE ONLY public.lines
    ADD CONSTRAINT lines_event_id_fkey FOREIGN KEY (event_id) REFERENCES public.events(id);
ALTER TABLE ONLY public.lost_numbers
    ADD CONSTRAINT lost_numbers_event_id_fkey FOREIGN KEY (event_id) REFERENCES public.events(id);
ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_ticket_type_id_event_id_fkey FOREIGN KEY (ticket_type_id, event_id) REFERENCES public.ticket_types(id, event_id);
ALTER TABLE ONLY public.refunds
    ADD CONSTRAINT refunds_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.accounts(id);
ALTER TABLE ONLY public.refunds
    ADD CONSTRAINT refunds_charge_id_fkey FOREIGN KEY (charge_id) REFERENCES public.charges(id);
ALTER TABLE ONLY public.refunds
    ADD CONSTRAINT refunds_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);
ALTER TABLE ONLY public.stock
    ADD CONSTRAINT stock_ticket_type_id_fkey FOREIGN KEY (ticket_type_id) REFERENCES public.ticket_types(id);
ALTER TABLE ONLY public.ticket_types
    ADD CONSTRAINT ticket_types_event_id_fkey FOREIGN KEY (event_id) REFERENCES public.events(id);
ALTER TABLE ONLY public.tickets
    ADD CONSTRAINT tickets_refund FOREIGN KEY (refund_id) REFERENCES public.refunds(id);
