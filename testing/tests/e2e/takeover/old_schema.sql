-- The Python bot's schema (docs/operations.md, "Takeover"), as SQLAlchemy makes it.
CREATE TYPE bookingstatus AS ENUM ('ACTIVE', 'CANCELLED', 'COMPLETED');
CREATE TYPE messagetype AS ENUM ('BOOKING_CREATED', 'BOOKING_CANCELLED', 'REMINDER', 'FEEDBACK_REQUEST');
CREATE TABLE users (
    id           serial PRIMARY KEY,
    telegram_id  bigint UNIQUE,
    phone_number varchar(20) UNIQUE,
    created_at   timestamp
);
CREATE TABLE bookings (
    id               serial PRIMARY KEY,
    bukza_booking_id varchar(100) UNIQUE,
    user_id          integer REFERENCES users (id),
    service_name     varchar(255),
    client_name      varchar(255),
    client_phone     varchar(20),
    booking_datetime timestamp,
    duration_minutes integer,
    status           bookingstatus,
    rating           integer,
    created_at       timestamp,
    updated_at       timestamp
);
CREATE TABLE messages (
    id           serial PRIMARY KEY,
    user_id      integer REFERENCES users (id),
    booking_id   integer REFERENCES bookings (id),
    message_type messagetype,
    sent_at      timestamp
);
