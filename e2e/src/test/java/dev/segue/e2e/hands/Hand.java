package dev.segue.e2e.hands;

/** What someone does to the objects of a migration, or what happens to them. */
@FunctionalInterface
interface Hand {
    Hand NONE = play -> {};

    void move(Play play) throws Exception;
}
