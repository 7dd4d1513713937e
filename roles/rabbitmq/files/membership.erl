%% Evaluated by a member of a cluster as it starts.
Members = fun() -> case rabbit:is_running() of true -> rabbit_nodes:list_members(); false -> [] end end,
Lost = fun(All) -> All -- [node() | nodes()] end,
Again = fun Loop(Milliseconds, Do, State) ->
    timer:sleep(Milliseconds),
    Loop(Milliseconds, Do, try Do(State) catch Kind:Reason -> logger:error("Membership: ~p ~p", [Kind, Reason]), State end)
end,

%% RabbitMQ connects to members that it has lost only until they have come back once: the second time it would stay apart.
Rejoin = fun(none) -> lists:foreach(fun net_kernel:connect_node/1, Lost(Members())), none end,

%% Who sees less than half of the others can serve programs nothing, and they look for no other as long as it answers.
%% `pause_minority` does nothing where Khepri keeps the metadata.
Watch = fun(Alone) ->
    All = Members(),
    case {Alone, 2 * length(Lost(All)) > length(All)} of
        {false, true} ->
            logger:warning("Most members are out of sight: no programs are served"),
            rabbit_maintenance:suspend_all_client_listeners(),
            rabbit_maintenance:close_all_client_connections(),
            true;
        {true, false} ->
            logger:warning("Most members are in sight again: programs are served"),
            rabbit_maintenance:resume_all_client_listeners(),
            false;
        _ -> Alone
    end
end,

spawn(fun() -> Again(5000, Rejoin, none) end),
spawn(fun() -> Again(1000, Watch, false) end).
